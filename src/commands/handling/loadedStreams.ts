import { LRUCache } from 'lru-cache';
import type { Decider } from '../../domain/decider.js';
import { isDerived } from '../../domain/streams.js';
import type { EventStore, RecordedEvent } from '../ports/eventStore.js';

/** A stream folded to its state. */
export interface Loaded<State> {
  readonly state: State;
  /** The last revision folded; absent when the stream has no events. */
  readonly revision?: bigint;
  /** The ids of its events that a command may make again: those that were derived. */
  readonly derivedIds: ReadonlySet<string>;
}

/** How a stream is loaded. */
export interface LoadOptions {
  /** May be behind what was just appended by others: see the port. Default: is as the log has it now. */
  readonly mayLag?: boolean;
  /** Folds it from its beginning, whatever is kept of it. */
  readonly anew?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Streams as states, kept between commands. */
export interface LoadedStreams {
  /** The stream's state. What was folded before is not read again: only the events after it are. */
  load<State, Event>(
    stream: string,
    decider: Decider<State, never, Event>,
    options?: LoadOptions,
  ): Promise<Loaded<State>>;
  /**
   * Folds what was appended right after a state that was loaded: it need not be read.
   * @param ids of the events, in their order
   */
  appended<State, Event>(
    stream: string,
    decider: Decider<State, never, Event>,
    after: Loaded<State>,
    events: readonly Event[],
    ids: readonly string[],
  ): void;
}

/** The set grows with the stream, for all who have it: an id that is in it is in the stream. */
interface Kept<State> extends Loaded<State> {
  readonly derivedIds: Set<string>;
}

const PAGE = 1_000;

/** @param capacity how many folded streams are kept; each is as large as its state. */
export const createLoadedStreams = (
  eventStore: Pick<EventStore, 'readStream'>,
  capacity = 20_000,
): LoadedStreams => {
  const cache = new LRUCache<string, Kept<unknown>>({ max: capacity });
  return {
    load: async <State, Event>(
      stream: string,
      decider: Decider<State, never, Event>,
      { mayLag = false, anew = false, signal }: LoadOptions = {},
    ): Promise<Loaded<State>> => {
      if (anew) cache.delete(stream);
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
          mayLag,
          ...(signal ? { signal } : {}),
        });
        if (slice.events.length > 0) loaded = folded(loaded, slice.events, decider);
        more = slice.hasMore;
      }
      if (loaded.revision !== undefined) cache.set(stream, loaded);
      return loaded;
    },
    appended: (stream, decider, after, events, ids) => {
      const kept = cache.get(stream);
      // Kept by somebody who has seen more, or dropped.
      if (kept?.revision !== after.revision) return;
      let { state } = after;
      const derivedIds = kept?.derivedIds ?? new Set<string>();
      for (const event of events) state = decider.evolve(state, event);
      for (const id of ids.filter(isDerived)) derivedIds.add(id);
      const revision = (after.revision ?? -1n) + BigInt(events.length);
      cache.set(stream, { state, derivedIds, revision });
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
    // The domain event store checked the event against its type's schema; a stream holds its own kind only.
    state = decider.evolve(state, event as Event);
    revision = event.revision;
    if (isDerived(event.id)) derivedIds.add(event.id);
  }
  return { state, derivedIds, ...(revision === undefined ? {} : { revision }) };
};
