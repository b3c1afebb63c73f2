import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  EventStoreError,
  isEventStoreFailure,
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type RecordedEvent,
} from '../../commands/ports/eventStore.js';
import { createSerialiser } from '../../commands/handling/serialise.js';
import { canonicalJson } from './verify/canonicalJson.js';

/** Of how many streams the last event's hash is kept; more than a process keeps folded streams. */
const KEPT_ENDS = 40_000;
const PAGE = 500;
/** A revision that no stream has: the store decides what else there is to say, and appends nothing. */
const NEVER = BigInt(Number.MAX_SAFE_INTEGER);

type Options = Parameters<EventStore['append']>[2];

/** An event with its place in its stream. */
type Placed = Pick<RecordedEvent, 'stream' | 'revision' | 'id' | 'type' | 'data' | 'metadata'>;

/** The last event of a stream, as far as it is known. */
interface StreamEnd {
  readonly revision: bigint;
  /** Absent where the event is in no chain. */
  readonly hash?: string;
}

/**
 * An event's link in the chain of its stream: SHA-256 of the canonical JSON of
 * `[previous hash or null, stream, revision, id, type, data, metadata without the hash]`, as it is stored.
 */
export const linkOf = (
  previous: string | undefined,
  { stream, revision, id, type, data, metadata }: Placed,
): string => {
  const unlinked = { ...metadata, hash: undefined };
  const content = [previous ?? null, stream, `${revision}`, id.toLowerCase(), type, data, unlinked];
  return createHash('sha256').update(canonicalJson(content)).digest('base64url');
};

/**
 * Stands directly before an adapter and gives each event that is appended the hash of itself and of what is
 * before it in its stream. A chain that has begun goes on for ever; whether streams get one is told by `begins`.
 */
export const withHashChain = (
  store: EventStore,
  { begins }: { readonly begins: boolean },
): EventStore => {
  // Filled by reads alone: an append may be answered with events that an earlier one of the same ids wrote.
  const ends = new LRUCache<string, StreamEnd>({ max: KEPT_ENDS });
  const inTurn = createSerialiser();

  const keepEnd = (stream: string, event: RecordedEvent | undefined): void => {
    if (!event || (ends.get(stream)?.revision ?? -1n) > event.revision) return;
    ends.set(stream, endOf(event));
  };

  const readStream: EventStore['readStream'] = async (stream, options) => {
    const slice = await store.readStream(stream, options);
    keepEnd(stream, options?.direction === 'backwards' ? slice.events[0] : slice.events.at(-1));
    return slice;
  };

  const linked = (
    stream: string,
    events: readonly EventToAppend[],
    end: StreamEnd | undefined,
  ): readonly EventToAppend[] => {
    let previous = end?.hash;
    if (previous === undefined && !begins) return events;
    let revision = (end?.revision ?? -1n) + 1n;
    return events.map((event) => {
      const hash = linkOf(previous, { ...event, stream, revision });
      previous = hash;
      revision += 1n;
      return { ...event, metadata: { ...event.metadata, hash } };
    });
  };

  const appendTo = (
    stream: string,
    events: readonly EventToAppend[],
    end: StreamEnd | undefined,
    options: Options,
  ): Promise<AppendResult> =>
    store.append(stream, linked(stream, events, end), {
      ...options,
      expectedRevision: end?.revision ?? 'no-stream',
    });

  /** Lets the store refuse what cannot be appended, or answer it as it did before. */
  const refusedBy = async (
    stream: string,
    events: readonly EventToAppend[],
    options: Options,
  ): Promise<AppendResult> => {
    try {
      return await store.append(stream, events, { ...options, expectedRevision: NEVER });
    } catch (error) {
      throw expecting(options.expectedRevision, error);
    }
  };

  /** The event of a revision stays what it is: a read that may lag does, unless it has not come that far. */
  const eventAt = async (
    stream: string,
    revision: bigint,
    { signal }: Options,
  ): Promise<RecordedEvent | undefined> => {
    const read = { ...{ from: revision, maxCount: 1 }, ...(signal ? { signal } : {}) };
    if (store.readsMayLag) {
      const [event] = (await readStream(stream, { ...read, mayLag: true })).events;
      if (event) return event;
    }
    return (await readStream(stream, read)).events[0];
  };

  const appendAt = async (
    stream: string,
    events: readonly EventToAppend[],
    revision: bigint,
    options: Options,
  ): Promise<AppendResult> => {
    const kept = ends.get(stream);
    if (kept?.revision === revision) return appendTo(stream, events, kept, options);
    const event = await eventAt(stream, revision, options);
    if (event) return appendTo(stream, events, endOf(event), options);
    try {
      return await refusedBy(stream, events, options);
    } catch (error) {
      // Another has just brought the stream there.
      if (!lostRace(error) || error.failure.actual !== revision) throw error;
      return appendAt(stream, events, revision, options);
    }
  };

  /** Whatever the stream's revision is: by reading it, and again as long as others are faster. */
  const appendAnywhere = async (
    stream: string,
    events: readonly EventToAppend[],
    options: Options,
  ): Promise<AppendResult> => {
    for (;;) {
      const end = await endFor(stream, events, options.signal);
      if (!end && options.expectedRevision === 'stream-exists') {
        return refusedBy(stream, events, options);
      }
      try {
        return await appendTo(stream, events, end, options);
      } catch (error) {
        if (!lostRace(error)) throw error;
      }
    }
  };

  /** Where to append: after the last event, or where the same events were appended before. */
  const endFor = async (
    stream: string,
    [first]: readonly EventToAppend[],
    signal: AbortSignal | undefined,
  ): Promise<StreamEnd | undefined> => {
    let end: StreamEnd | undefined;
    let found = false;
    let from: bigint | undefined;
    for (let more = true; more;) {
      const slice = await readStream(stream, {
        ...{ direction: 'backwards', maxCount: PAGE },
        ...(from === undefined ? {} : { from }),
        ...(signal ? { signal } : {}),
      });
      for (const event of slice.events) {
        if (found) return endOf(event);
        end ??= endOf(event);
        found = event.id === first?.id;
        from = event.revision - 1n;
      }
      more = slice.hasMore;
    }
    return found ? undefined : end;
  };

  return {
    ...store,
    append: async (stream, events, options) => {
      const { expectedRevision: expected, signal } = options;
      if (stream === '' || events.length === 0) return store.append(stream, events, options);
      if (expected === 'no-stream') return appendTo(stream, events, undefined, options);
      if (typeof expected === 'bigint') return appendAt(stream, events, expected, options);
      return inTurn(stream, () => appendAnywhere(stream, events, options), signal);
    },
    readStream,
  };
};

const endOf = ({ revision, metadata: { hash } }: RecordedEvent): StreamEnd => ({
  revision,
  ...(hash === undefined ? {} : { hash }),
});

const lostRace = (error: unknown) => isEventStoreFailure(error, 'wrong-expected-revision');

/** The failure as whoever asked is to read it. */
const expecting = (expected: ExpectedRevision, error: unknown): unknown =>
  lostRace(error)
    ? new EventStoreError({ ...error.failure, expected }, error.message, { cause: error.cause })
    : error;
