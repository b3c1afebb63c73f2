import type { Lease } from './readModelStore.js';

/**
 * `waiting`, `replaying`, `indexing`, `catching-up`: under way. `served`: queries see its rows. `retired`: they did
 * until the rebuild after it, and can again until it is dropped. The others have ended and have no rows.
 */
export type RebuildState =
  | 'waiting'
  | 'replaying'
  | 'indexing'
  | 'catching-up'
  | 'served'
  | 'retired'
  | 'cancelled'
  | 'failed'
  | 'dropped';

/** What a rebuilder does about a rebuild. */
export type RebuildPhase = Extract<RebuildState, 'replaying' | 'indexing' | 'catching-up'>;

/** A read model made anew beside the one that is served, in a schema of its own. */
export interface Rebuild {
  readonly id: bigint;
  /** Of the read model. */
  readonly name: string;
  /** Of the read model's tables and fold. */
  readonly version: number;
  readonly schema: string;
  readonly state: RebuildState;
  /** How far the log was read for it. */
  readonly position: bigint;
  /** The last position whose events are in the rows: after an interruption the rebuild goes on from here. */
  readonly checkpoint: bigint;
  /** Where the log ended when the replay began. */
  readonly target: bigint;
  /** How many events were read for it. */
  readonly events: bigint;
  /** How many events a second it may read at most; absent when as many as can be. */
  readonly eventsPerSecond?: number;
  readonly cancelRequested: boolean;
  /** It was served before and is to be again: when that comes to nothing, it is `retired` as it was. */
  readonly rollsBack: boolean;
  readonly error?: string;
  /** A person by user id or account on the machine, or what part of Reellog. */
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly startedAt?: Date;
  readonly updatedAt: Date;
  readonly finishedAt?: Date;
  /** A rebuilder, in whatever process, works on it. One that is under way without was interrupted. */
  readonly led: boolean;
}

/** A read model as the code has it. */
export interface WantedRebuild {
  readonly name: string;
  readonly version: number;
}

/** How far a rebuilder is. */
export interface RebuildProgress {
  readonly state: RebuildPhase;
  readonly position: bigint;
  readonly target: bigint;
  readonly events: bigint;
}

/** How far a rebuilder is with one of its rebuilds. */
export interface RebuildReport extends RebuildProgress {
  readonly id: bigint;
}

/** What is asked of a rebuilder. */
export interface RebuildControl {
  readonly cancelRequested: boolean;
  readonly eventsPerSecond?: number;
}

/** There is no rebuild to go back to, or not now. */
export class CannotRollBack extends Error {
  override readonly name = 'CannotRollBack';
}

/** What a rebuilder leads while it works on the read model of this name, so that it is the only one. */
export const rebuildLease = (name: string): string => `build:${name}`;

/** Rebuilds are waiting for a rebuilder or in the hands of one. */
export const isUnderWay = ({ state }: Pick<Rebuild, 'state'>): boolean => {
  switch (state) {
    case 'waiting':
    case 'replaying':
    case 'indexing':
    case 'catching-up':
      return true;
    case 'served':
    case 'retired':
    case 'cancelled':
    case 'failed':
    case 'dropped':
      return false;
    default:
      return state satisfies never;
  }
};

/** Keeps the rebuilds of read models: what was asked for, how far each is, what became of it. */
export interface RebuildStore {
  /**
   * Asks for a rebuild of each, and tells all processes. One that is under way goes on, also where it was to be
   * cancelled, with a new throttle where one is given; unless it is of another version: then it gives way, at once
   * when nobody works on it, else as soon as its rebuilder has heard of it; until then it is what is answered.
   */
  request(
    wanted: readonly WantedRebuild[],
    options: { readonly requestedBy: string; readonly eventsPerSecond?: number },
  ): Promise<readonly Rebuild[]>;
  /** Those that are waiting for a rebuilder or in the hands of one, the oldest first. */
  underWay(): Promise<readonly Rebuild[]>;
  /** Those under way, then the others, each the newest first; bounded. */
  list(): Promise<readonly Rebuild[]>;
  find(id: bigint): Promise<Rebuild | undefined>;
  /**
   * Tells how far a rebuilder is with each of its rebuilds; what was told last may be lost in a crash.
   * @returns what was asked of it for each, in their order; a rebuild that has ended is to be cancelled
   */
  report(rebuilds: readonly RebuildReport[]): Promise<readonly RebuildControl[]>;
  /** Ends a rebuild that is not served after all and drops its rows; those of a roll-back stay. */
  end(
    id: bigint,
    outcome: { readonly state: 'cancelled' } | { readonly state: 'failed'; readonly error: string },
  ): Promise<void>;
  /** Gives up the lease of a rebuild, then tells all processes: if it is to go on, whoever hears of it first leads it. */
  release(lease: Pick<Lease, 'release'>): Promise<void>;
  /**
   * Ends the rebuild of a read model that is under way, at once when nobody works on it, else as soon as its rebuilder
   * has heard of it. @returns it; `undefined` when none is under way
   */
  cancel(name: string): Promise<Rebuild | undefined>;
  /** Sets how many events a second the rebuild under way may read; `undefined` for as many as can be. */
  throttle(name: string, eventsPerSecond: number | undefined): Promise<Rebuild | undefined>;
  /**
   * The retired rebuild is to be served again: it catches up from its checkpoint and changes places.
   * @throws {CannotRollBack} there is none, it is of another version than the code, or a rebuild is under way
   */
  rollBack(wanted: WantedRebuild, options: { readonly requestedBy: string }): Promise<Rebuild>;
  /** Drops the rows of the retired rebuild: there is no going back after it. @returns what was dropped */
  drop(name: string): Promise<readonly Rebuild[]>;
  /**
   * Drops the rows of retired rebuilds that were replaced so many days ago, of all read models, and rows that a
   * rebuild left behind when it ended. @returns the rebuilds whose rows they were
   */
  dropOutlived(retiredDays: number, signal: AbortSignal): Promise<readonly Rebuild[]>;
  /** Calls back once it listens and whenever something was asked for, or a rebuild ended or was let go, anywhere. */
  follow(onChange: () => void): { close(): Promise<void> };
}
