import { LRUCache } from 'lru-cache';
import type { Decider } from '../domain/decider.js';
import { isDerived } from '../domain/streams.js';
import type { EventStore, RecordedEvent } from './ports/eventStore.js';

/** A stream folded to its state. */
export interface Loaded<State> {
  readonly state: State;
  /** The last revision folded; absent when the stream has no events. */
  readonly revision?: bigint;
  /** The ids of its events that a command may make again: those that were derived. */
  readonly derivedIds: ReadonlySet<string>;
}

/** Streams as states, kept between commands. */
export interface LoadedStreams {
  /**
   * The stream's state as the log has it now. What was folded before is not read again: only the events
   * after it are, so a state from the cache is never older than the log.
   */
  load<State, Event>(
    stream: string,
    decider: Decider<State, never, Event>,
    signal?: AbortSignal,
  ): Promise<Loaded<State>>;
}

/** The set grows with the stream, for all who have it: an id that is in it is in the stream. */
interface Kept<State> extends Loaded<State> {
  readonly derivedIds: Set<string>;
}

const PAGE = 1_000;

/** @param capacity how many folded streams are kept; each is as large as its state. */
export const createLoadedStreams = (
  eventStore: Pick<EventStore, 'readStream'>,
  capacity = 5_000,
): LoadedStreams => {
  const cache = new LRUCache<string, Kept<unknown>>({ max: capacity });
  return {
    load: async <State, Event>(
      stream: string,
      decider: Decider<State, never, Event>,
      signal?: AbortSignal,
    ): Promise<Loaded<State>> => {
      // What is kept under a stream's name was folded by the decider of that kind of stream.
      let loaded = (cache.get(stream) as Kept<State> | undefined) ?? {
        state: decider.initialState,
        derivedIds: new Set<string>(),
      };
      for (let more = true; more;) {
        const from = (loaded.revision ?? -1n) + 1n;
        const slice = await eventStore.readStream(stream, {
          from,
          maxCount: PAGE,
          ...(signal ? { signal } : {}),
        });
        if (slice.events.length > 0) loaded = folded(loaded, slice.events, decider);
        more = slice.hasMore;
      }
      if (loaded.revision !== undefined) cache.set(stream, loaded);
      return loaded;
    },
  };
};

const folded = <State, Event>(
  from: Kept<State>,
  events: readonly RecordedEvent[],
  decider: Decider<State, never, Event>,
): Kept<State> => {
  const { derivedIds } = from;
  let { state, revision } = from;
  for (const event of events) {
    // The log's door checked the event against its type's schema; a stream holds its own kind only.
    state = decider.evolve(state, event as Event);
    revision = event.revision;
    if (isDerived(event.id)) derivedIds.add(event.id);
  }
  return { state, derivedIds, ...(revision === undefined ? {} : { revision }) };
};
