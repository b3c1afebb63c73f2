import type { EventPlace } from '../../commands/ports/eventStore.js';
import type { InvalidationKey, Projection, ProjectionTransaction } from './projection.js';

/** What a read model does about an event that cannot be projected: sets it aside and goes on, or stops. */
export type PoisonPolicy = 'park' | 'stop';

/** An event that could not be projected, tried by itself and more than once. */
export interface Poison {
  readonly event: EventPlace;
  readonly error: unknown;
  /** How often it was tried by itself. */
  readonly attempts: number;
  readonly firstFailedAt: Date;
}

/**
 * `parked`: missing in the rows. `applied`: projected late. `rebuilt`: in the rows of a rebuild since.
 * `discarded`: left out for good, by rebuilds as well.
 */
export type ParkedState = 'parked' | 'applied' | 'rebuilt' | 'discarded';

/** An event that a read model was not given, or not in its turn. */
export interface ParkedEvent {
  readonly id: bigint;
  readonly projection: string;
  /** Of the read model, when the event was last tried. */
  readonly version: number;
  readonly event: EventPlace;
  readonly state: ParkedState;
  /** Absent where it was discarded without having failed. */
  readonly error?: string;
  /** Where the error came from: stack and causes. */
  readonly detail?: string;
  readonly attempts: number;
  readonly firstFailedAt?: Date;
  readonly lastFailedAt?: Date;
  readonly parkedAt?: Date;
  readonly settledAt?: Date;
}

/** Something that was done about a parked event. */
export interface ParkedAct {
  readonly at: Date;
  /** A person by user id or account on the machine, or `engine`. */
  readonly actor: string;
  readonly act: 'park' | 'retry' | 'discard' | 'rebuild' | 'roll-back';
  /** What came of it: the state since, or `failed`. */
  readonly outcome: string;
  /** The reason that was given, or the error. */
  readonly detail?: string;
}

/** What the workers, and whoever rebuilds a read model anew, need to know and do. */
export interface Parking {
  /** Whether an event can be to blame for an error in projecting: not where the database was away or busy. */
  blames(error: unknown): boolean;
  /** Parks an event in the transaction that moves the checkpoint past it; again where it was settled before. */
  park(tx: ProjectionTransaction, projection: Projection, poison: Poison): Promise<void>;
  /** The ids of the events that are left out of a read model for good. */
  discarded(name: string): Promise<ReadonlySet<string>>;
  /** A read model begins before the first event: what was parked will come again. */
  begunAnew(name: string): Promise<void>;
  /** How many events are parked, by read model; those with none are absent. */
  counts(): Promise<ReadonlyMap<string, number>>;
}

/** Which parked events are listed: those missing in the rows, or all that ever were, the newest last. */
export interface ParkedFilter {
  readonly projection?: string;
  readonly settled?: boolean;
}

/** Why an act was not possible. */
export type ParkedRefusal =
  'not-parked' | 'other-version' | 'not-reached' | 'another-event' | 'not-handled';

/** The parked events as they are kept. */
export interface ParkedEvents extends Parking {
  list(filter?: ParkedFilter): Promise<readonly ParkedEvent[]>;
  find(id: bigint): Promise<ParkedEvent | undefined>;
  /** What was done about it, the oldest first. */
  acts(id: bigint): Promise<readonly ParkedAct[]>;
  /**
   * Runs `work` on the rows of the read model and settles the event as applied, in one transaction, between two
   * pages of whichever worker leads; the checkpoint stays where it is.
   * @param position of the event in the log as it is now
   */
  apply(
    parked: Pick<ParkedEvent, 'id'>,
    act: {
      readonly projection: Projection;
      readonly position: bigint;
      readonly actor: string;
      /** Given where the rows are in the log, and which events they have not, the parked one among them. */
      readonly work: (
        tx: ProjectionTransaction,
        rows: { readonly upTo: bigint; readonly leftOut: { has(id: string): boolean } },
      ) => Promise<Iterable<InvalidationKey>>;
    },
  ): Promise<'applied' | ParkedRefusal>;
  /** Counts an attempt that failed; the event stays parked. */
  failedAgain(
    parked: Pick<ParkedEvent, 'id'>,
    act: { readonly version: number; readonly actor: string; readonly error: unknown },
  ): Promise<void>;
  /** Settles a parked event as left out for good. */
  discard(
    parked: Pick<ParkedEvent, 'id'>,
    act: { readonly actor: string; readonly reason: string },
  ): Promise<'discarded' | ParkedRefusal>;
  /** Leaves out an event that was never parked, such as one at which a read model stopped. */
  leaveOut(
    projection: Pick<Projection, 'name' | 'version'>,
    event: EventPlace,
    act: { readonly actor: string; readonly reason: string },
  ): Promise<ParkedEvent>;
}
