import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpAnswer, HttpRequest } from '../service/httpClient.js';
import type { Chance } from '../histories/seededChance.js';
import { deedsOf, type Deed } from './deeds.js';

/** Clients at work: what they asked for, and what became of it. */
export interface Clients {
  /** Everything that was ever asked for. */
  readonly deeds: readonly Deed[];
  /** Answers that no client should get, whatever dies. */
  readonly unexpected: readonly string[];
  /** How many commands have been taken so far. */
  taken(): number;
  /** Answers that told to try again later. */
  refused(): readonly HttpAnswer[];
  /** The last position that an answer told of. */
  lastPosition(): bigint;
  /**
   * Has all clients at work while `work` goes on; then each finishes what it has in hand, asking again until it
   * is answered.
   */
  during(work: () => Promise<void>): Promise<void>;
}

/** Where a client sends a request; what it throws means that there was no answer. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

const AGAIN_MS = 25;
/** Between two commands of a client: without it a run of kills would make a history that takes long to check. */
const THINK_MS = 8;
/** A service that does not come back is told of by this, rather than by clients that ask for ever. */
const PATIENCE_MS = 90_000;

/** Clients that keep at it, each with one command in hand at a time. */
export const openClients = (amount: number, chance: Chance, send: Send): Clients => {
  const deeds: Deed[] = [];
  const unexpected: string[] = [];
  const refused: HttpAnswer[] = [];
  let taken = 0;
  const planners = Array.from({ length: amount }, (_, lane) => deedsOf(lane + 1, chance.fork()));

  /** @returns whether it was answered for good */
  const attempt = async (deed: Deed): Promise<boolean> => {
    let answer: HttpAnswer;
    try {
      answer = await send(deed.request);
    } catch {
      // Whether it was heard is found out by asking again.
      return false;
    }
    const { status, headers, text } = answer;
    if (status === 503) {
      refused.push(answer);
      return false;
    }
    if (status >= 300) {
      unexpected.push(`${deed.request.method} ${deed.request.path}: ${status} ${text}`);
      return true;
    }
    const position = headers['reellog-position'];
    deed.acknowledged = {
      status,
      position: typeof position === 'string' ? BigInt(position) : undefined,
    };
    taken += 1;
    return true;
  };

  const carryOut = async (deed: Deed): Promise<void> => {
    deeds.push(deed);
    const end = performance.now() + PATIENCE_MS;
    while (!(await attempt(deed)) && deed.insists) {
      if (performance.now() > end) {
        throw new Error(`no answer to ${deed.request.method} ${deed.request.path}`);
      }
      await sleep(AGAIN_MS);
    }
    deed.settled(deed.acknowledged !== undefined);
  };

  return {
    deeds,
    unexpected,
    taken: () => taken,
    refused: () => refused,
    lastPosition: () =>
      deeds.reduce((last, { acknowledged: { position = 0n } = {} }) => {
        return position > last ? position : last;
      }, 0n),
    during: async (work) => {
      const over = new AbortController();
      const lanes = planners.map(async (planner) => {
        while (!over.signal.aborted) {
          await carryOut(planner.next());
          await sleep(THINK_MS);
        }
      });
      const all = Promise.all(lanes);
      try {
        // A client that gives up ends the waiting for whatever the work waits for.
        await Promise.race([work(), all]);
      } finally {
        over.abort();
        await Promise.allSettled(lanes);
      }
      await all;
    },
  };
};
