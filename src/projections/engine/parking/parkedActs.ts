import type { EventPlace, EventStore, RecordedEvent } from '../../../commands/ports/eventStore.js';
import { handledBy, pastOf } from '../past.js';
import type {
  ParkedAct,
  ParkedEvent,
  ParkedEvents,
  ParkedFilter,
  ParkedRefusal,
} from '../../ports/parking.js';
import type { Projection } from '../../ports/projection.js';

/** What came of projecting a parked event late. */
export type RetryOutcome =
  | { readonly outcome: 'applied' }
  | { readonly outcome: 'failed'; readonly error: string }
  | { readonly outcome: 'refused'; readonly why: ParkedRefusal };

/** Who discards an event, and why. */
export interface Discarding {
  readonly actor: string;
  readonly reason: string;
}

/** What operators see of parked events and do about them, beside whatever workers run. */
export interface ParkedActs {
  list(filter?: ParkedFilter): Promise<readonly ParkedEvent[]>;
  show(
    id: bigint,
  ): Promise<{ readonly parked: ParkedEvent; readonly acts: readonly ParkedAct[] } | undefined>;
  /** The event of a read model that was parked at this position. */
  at(projection: string, position: bigint): Promise<ParkedEvent | undefined>;
  /**
   * Projects the event now, once, in a transaction with its settlement: later than those after it. Where that
   * fails, the attempt is counted and it stays parked.
   */
  retry(id: bigint, actor: string): Promise<RetryOutcome>;
  /** Leaves a parked event out for good. */
  discard(id: bigint, act: Discarding): Promise<'discarded' | ParkedRefusal>;
  /**
   * Leaves out an event that is not parked: one at which a read model or a rebuild has stopped. Rows that have it
   * keep it until they are made anew.
   */
  leaveOut(
    projection: string,
    position: bigint,
    act: Discarding,
  ): Promise<ParkedEvent | ParkedRefusal>;
}

/** Behind every revision: a bigint of PostgreSQL. */
const LAST = 2n ** 63n - 1n;

export const createParkedActs = (dependencies: {
  readonly eventStore: EventStore;
  readonly parked: ParkedEvents;
  readonly projections: readonly Projection[];
}): ParkedActs => {
  const { eventStore, parked: kept, projections } = dependencies;
  const projectionOf = (name: string): Projection | undefined =>
    projections.find((projection) => projection.name === name);
  /** One at a time: each keeps a connection while it reads the log with another. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const refused = (why: ParkedRefusal): RetryOutcome => ({ outcome: 'refused', why });

  const tryAgain = async (
    parked: ParkedEvent,
    projection: Projection,
    actor: string,
  ): Promise<'applied' | ParkedRefusal> => {
    const event = await eventAt(eventStore, parked.event);
    if (event?.id !== parked.event.id) return 'another-event';
    if (!handledBy(projection)(event)) return 'not-handled';
    return kept.apply(parked, {
      ...{ projection, actor, position: event.position },
      work: async (tx, { upTo, leftOut }) => {
        // Those after the event are in the rows already.
        const streams = await eventStore.readBefore([{ stream: event.stream, revision: LAST }], {
          upTo,
          onUnreadable: () => undefined,
        });
        return projection.project([event], tx, pastOf(streams, projection, leftOut));
      },
    });
  };

  return {
    list: (filter) => kept.list(filter),
    show: async (id) => {
      const parked = await kept.find(id);
      return parked && { parked, acts: await kept.acts(id) };
    },
    at: async (projection, position) => {
      const all = await kept.list({ projection, settled: true });
      return all.find(({ event }) => event.position === position);
    },
    retry: async (id, actor) => {
      const parked = await kept.find(id);
      if (parked?.state !== 'parked') return refused('not-parked');
      const projection = projectionOf(parked.projection);
      if (!projection) return refused('not-handled');
      try {
        const outcome = await inTurn(() => tryAgain(parked, projection, actor));
        return outcome === 'applied' ? { outcome } : refused(outcome);
      } catch (error) {
        if (!kept.blames(error)) throw error;
        await kept.failedAgain(parked, { version: projection.version, actor, error });
        return { outcome: 'failed', error: error instanceof Error ? error.message : String(error) };
      }
    },
    discard: (id, act) => kept.discard({ id }, act),
    leaveOut: async (name, position, act) => {
      const projection = projectionOf(name);
      const place = await placeAt(eventStore, position);
      if (!place) return 'another-event';
      if (!projection?.handles.some((type) => type === place.type)) return 'not-handled';
      return kept.leaveOut(projection, place, act);
    },
  };
};

/** By stream and revision, which are the same in every copy of the log. @throws what stands in its way */
const eventAt = async (
  eventStore: EventStore,
  { stream, revision }: EventPlace,
): Promise<RecordedEvent | undefined> => {
  const { events } = await eventStore.readStream(stream, { from: revision, maxCount: 1 });
  return events[0];
};

/** What is known of the event at a position, also where it cannot be read. */
const placeAt = async (
  eventStore: EventStore,
  position: bigint,
): Promise<EventPlace | undefined> => {
  const places: EventPlace[] = [];
  const { events } = await eventStore.readAll({
    after: position - 1n,
    maxCount: 1,
    onUnreadable: (place) => places.push(place),
  });
  return [...places, ...events].find((place) => place.position === position);
};
