import { setTimeout } from 'node:timers/promises';

import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

/**
 * The moments of a call at which a fault can strike: before it is handled, just before its events
 * are written, once they are written and before anybody is told, and before each message sent back.
 */
export type Moment = 'request' | 'beforeWrite' | 'afterWrite' | 'answer';

/** The call that has reached a moment: `method` is the RPC's name alone, such as `BatchAppend`. */
export interface FaultPoint {
  readonly method: string;
  readonly stream?: string;
}

/** What a service tells of its progress. */
export interface FaultPoints {
  /**
   * Undefined, at no cost, while no fault waits for this moment. Otherwise a promise to wait for:
   * it resolves when the call may go on, and rejects with the status that the call must end with.
   */
  reached(moment: Moment, point: FaultPoint): Promise<void> | undefined;
}

/** What happens to a call. */
export type Effect =
  /** The call ends with this status. */
  | { readonly kind: 'status'; readonly status: Partial<StatusObject> }
  /** The call goes on after so many milliseconds. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The call goes on once this is done; a promise that never settles is a server that hangs. */
  | { readonly kind: 'wait'; readonly until: Promise<unknown> }
  /** Every connection to the node is cut; the node takes new ones. */
  | { readonly kind: 'drop' }
  /** The node dies: every connection is cut, and its port refuses until it is revived. */
  | { readonly kind: 'kill' };

export interface Fault {
  readonly at: Moment;
  readonly effect: Effect;
  /** Strikes on this node only; on all where absent. */
  readonly node?: number;
  /** Strikes on this RPC only, such as `BatchAppend`. */
  readonly method?: string;
  /** Strikes on calls of this stream only. */
  readonly stream?: string;
  /** Lets so many calls pass first: `{ at: 'answer', skip: 10 }` strikes at the eleventh message. */
  readonly skip?: number;
  /** Strikes so many times, once where absent; `Infinity` until it is removed. */
  readonly times?: number;
}

export interface InjectedFault {
  /** How often the fault has struck. */
  readonly struck: number;
  /** Done once the fault has struck for the first time. */
  readonly first: Promise<void>;
  remove(): void;
}

/** The switches that a test throws. */
export interface Faults {
  inject(fault: Fault): InjectedFault;
  /** Removes every fault; calls that one of them holds go on. */
  clear(): void;
}

/** What a fault can do to the node that it strikes. */
export interface NodePower {
  /** Cuts every connection; the node takes new ones. */
  dropConnections(): void;
  /** Cuts every connection and closes the port. */
  kill(): void;
}

/** A status as grpc-js takes it: an error with a code, details and trailers. */
export class StatusError extends Error implements StatusObject {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(given: Partial<StatusObject>) {
    super(given.details ?? '');
    this.code = given.code ?? status.UNKNOWN;
    this.details = given.details ?? '';
    this.metadata = given.metadata ?? new Metadata();
  }
}

interface Armed {
  readonly fault: Fault;
  readonly announce: () => void;
  readonly released: Promise<void>;
  readonly release: () => void;
  passed: number;
  struck: number;
}

const isMeant = (
  { fault }: Armed,
  moment: Moment,
  { method, stream }: FaultPoint,
  node: number,
): boolean =>
  fault.at === moment &&
  (fault.node ?? node) === node &&
  (fault.method ?? method) === method &&
  (fault.stream ?? stream) === stream;

const lost = (details: string): StatusError =>
  new StatusError({ code: status.UNAVAILABLE, details });

/** Faults that wait for calls, and what each node is told of them. */
export const createFaults = (
  powerOver: (node: number) => NodePower,
): Faults & { at(node: number): FaultPoints } => {
  const armed = new Set<Armed>();

  const disarm = (one: Armed): void => {
    armed.delete(one);
    one.release();
  };

  const strike = async ({ fault: { effect }, released }: Armed, node: number): Promise<void> => {
    switch (effect.kind) {
      case 'status':
        throw new StatusError(effect.status);
      case 'delay': {
        const waiting = new AbortController();
        const delay = setTimeout(effect.milliseconds, undefined, { signal: waiting.signal });
        await Promise.race([delay.catch(() => undefined), released]);
        waiting.abort();
        return;
      }
      case 'wait':
        await Promise.race([effect.until, released]);
        return;
      case 'drop':
        powerOver(node).dropConnections();
        throw lost('connection dropped');
      case 'kill':
        powerOver(node).kill();
        throw lost('node killed');
    }
  };

  const take = (moment: Moment, point: FaultPoint, node: number): Armed | undefined => {
    for (const one of armed) {
      const { skip = 0, times = 1 } = one.fault;
      if (one.struck >= times || !isMeant(one, moment, point, node)) continue;
      if (one.passed < skip) {
        one.passed++;
        continue;
      }
      one.struck++;
      one.announce();
      return one;
    }
    return undefined;
  };

  return {
    inject: (fault) => {
      let announce = (): void => undefined;
      let release = (): void => undefined;
      const first = new Promise<void>((resolve) => {
        announce = resolve;
      });
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const one: Armed = { fault, announce, released, release, passed: 0, struck: 0 };
      armed.add(one);
      return {
        first,
        get struck() {
          return one.struck;
        },
        remove: () => {
          disarm(one);
        },
      };
    },
    clear: () => {
      for (const one of armed) disarm(one);
    },
    at: (node) => ({
      reached: (moment, point) => {
        if (armed.size === 0) return undefined;
        const one = take(moment, point, node);
        return one === undefined ? undefined : strike(one, node);
      },
    }),
  };
};
