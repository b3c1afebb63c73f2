import {
  isEventStoreFailure,
  type EventPlace,
  type EventStore,
  type RecordedEvent,
} from '../../../commands/ports/eventStore.js';
import type { Parking, PoisonPolicy } from '../../ports/parking.js';
import type { InvalidationKey, Projection, ProjectionTransaction } from '../../ports/projection.js';
import { isolate, NotProjected, type PageItem, type SpoiltPage } from './isolation.js';

/** What a worker does about events that cannot be projected. */
export interface PoisonHandling {
  readonly parking: Parking;
  readonly policy: PoisonPolicy;
}

/** What a worker does for its guard. */
export interface GuardedWorker {
  readonly position: bigint;
  readonly pageSize: number;
  wants(event: EventPlace): boolean;
  /** Applies events in one transaction, which moves the checkpoint to `to`. */
  apply(events: readonly RecordedEvent[], to: bigint): Promise<void>;
  /** Moves the checkpoint past an event without applying it, with `work` in the same transaction. */
  pass(to: bigint, work: (tx: ProjectionTransaction) => Promise<void>): Promise<void>;
  /** Tells of an attempt that failed and waits until the next is due. */
  failed(error: unknown, attempts: number): Promise<void>;
  /** An event was set aside. */
  parked(event: EventPlace, error: unknown): void;
}

/** A page is tried so often as a whole before the event is looked for that spoils it. */
const ATTEMPTS_WHOLE = 2;
/** Where so many events in a row cannot be projected, none of them is to blame: the read model stops. */
const MOST_IN_A_ROW = 10;

/** Knows which events are to blame when a read model does not go on, and gets it past them. */
export class PoisonGuard {
  readonly #projection: Projection;
  readonly #handling: PoisonHandling | undefined;
  /** What `project` failed with last. */
  #fault: unknown;
  /** The page after the checkpoint cannot be applied as a whole. */
  #isSpoilt = false;
  /** Parked since an event could be projected. */
  #inARow = 0;
  /** The ids of events that are left out for good. */
  #discarded: ReadonlySet<string> = new Set();

  /** Without `handling`, whatever cannot be projected is tried for ever. */
  constructor(projection: Projection, handling: PoisonHandling | undefined) {
    this.#projection = projection;
    this.#handling = handling;
  }

  /** The worker begins at a position: what has been discarded by now is left out. */
  async begin(position: bigint): Promise<void> {
    const { name } = this.#projection;
    if (!this.#handling) return;
    if (position === 0n) await this.#handling.parking.begunAnew(name);
    this.#discarded = await this.#handling.parking.discarded(name);
  }

  isLeftOut({ id }: Pick<EventPlace, 'id'>): boolean {
    return this.#discarded.has(id);
  }

  /** Does what a read model's own code does: whatever it is rejected with may be an event's fault. */
  async watch(
    project: () => Promise<Iterable<InvalidationKey>>,
  ): Promise<Iterable<InvalidationKey>> {
    try {
      return await project();
    } catch (error) {
      this.#fault = error;
      throw error;
    }
  }

  /** Events were applied. */
  applied(): void {
    this.#inARow = 0;
  }

  /** The worker could not go on. */
  failed(error: unknown, failures: number): void {
    const isEvents = error instanceof NotProjected || this.#isPoison(error);
    this.#isSpoilt = isEvents && failures >= ATTEMPTS_WHOLE;
  }

  /**
   * Gets past the page after the checkpoint where it has failed too often as a whole.
   * @returns whether there was need to
   * @throws {NotProjected} the read model is to stop
   */
  async getPast(
    worker: GuardedWorker,
    eventStore: EventStore,
    signal: AbortSignal,
  ): Promise<boolean> {
    const handling = this.#handling;
    if (!handling || !this.#isSpoilt) return false;
    const { parking, policy } = handling;
    await isolate(
      await this.#nextPage(worker, eventStore, signal),
      {
        policy: () => (this.#inARow < MOST_IN_A_ROW ? policy : 'stop'),
        apply: (events, to) => worker.apply(events, to),
        isPoison: (error) => this.#isPoison(error),
        read: (place) => readAgain(eventStore, place),
        failed: (error, attempts) => worker.failed(error, attempts),
        park: async (poison, to) => {
          await worker.pass(to, (tx) => parking.park(tx, this.#projection, poison));
          this.#inARow += 1;
          worker.parked(poison.event, poison.error);
        },
      },
      signal,
    );
    this.#isSpoilt = false;
    return true;
  }

  async #nextPage(
    worker: GuardedWorker,
    eventStore: EventStore,
    signal: AbortSignal,
  ): Promise<SpoiltPage> {
    const items: PageItem[] = [];
    const page = await eventStore.readAll({
      after: worker.position,
      filter: { types: this.#projection.handles },
      maxCount: worker.pageSize,
      onUnreadable: (place) => {
        if (worker.wants(place)) items.push({ place });
      },
      signal,
    });
    for (const event of page.events) if (worker.wants(event)) items.push({ place: event, event });
    items.sort((one, other) => (one.place.position < other.place.position ? -1 : 1));
    return { items, position: page.position };
  }

  /** Whether an event is to blame for an error: it cannot be read, or `project` failed over it. */
  #isPoison(error: unknown): boolean {
    const isEvents = isUnreadable(error) || (error !== undefined && error === this.#fault);
    return isEvents && this.#handling?.parking.blames(error) === true;
  }
}

const isUnreadable = (error: unknown): boolean =>
  isEventStoreFailure(error, 'invalid-event') && error.failure.event !== undefined;

/** @throws what stands in the way of reading it */
const readAgain = async (
  eventStore: EventStore,
  { stream, revision }: EventPlace,
): Promise<RecordedEvent> => {
  const { events } = await eventStore.readStream(stream, { from: revision, maxCount: 1 });
  const [event] = events;
  if (!event) throw new Error(`${stream} has no revision ${revision}`);
  return event;
};
