import { deletedStream, type EventRecord } from './eventRecord.js';
import type { ReadableIndex } from './streamIndex.js';
import { isSoftDeleted, type StreamMetadata } from './system/streamMetadata.js';

export interface EventPage {
  readonly kind: 'events';
  readonly events: readonly EventRecord[];
  /** Where the next page begins. */
  readonly next: number;
  readonly isEnd: boolean;
  /** The number of the stream's last event. */
  readonly last: number;
}

/** A page of a stream, or why there is none: `IndexReader.ReadStreamEventsForward/Backward`. */
export type StreamPage =
  | EventPage
  | { readonly kind: 'noStream' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'invalid' };

/** Where reading begins that shall begin at the stream's end. */
export const fromEnd = -1;

const oldestReadable = (last: number, { maxCount, truncateBefore }: StreamMetadata): number =>
  Math.max(0, maxCount === undefined ? 0 : last - maxCount + 1, truncateBefore ?? 0);

/** The time before which events are too old to be read. */
const ageLimit = ({ maxAgeSeconds }: StreamMetadata, now: number): number =>
  maxAgeSeconds === undefined ? -Infinity : now - maxAgeSeconds * 1000;

const failureOf = (index: ReadableIndex, stream: string): StreamPage | undefined => {
  const last = index.lastEventNumber(stream);
  if (last === deletedStream) return { kind: 'deleted' };
  return last < 0 || isSoftDeleted(index.metadata(stream)) ? { kind: 'noStream' } : undefined;
};

/** The first event from `from` on that is young enough; events grow older towards the start. */
const firstYoung = (events: readonly EventRecord[], from: number, limit: number): number => {
  let [low, high] = [from, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.created ?? Infinity) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const readStreamForwards = (
  index: ReadableIndex,
  stream: string,
  from: number,
  count: number,
  now: number,
): StreamPage => {
  // The server's own check fails on these, and its client gets an unknown error.
  if (from < 0 || count < 1) return { kind: 'invalid' };
  const failure = failureOf(index, stream);
  if (failure !== undefined) return failure;
  const events = index.events(stream);
  const metadata = index.metadata(stream);
  const last = events.length - 1;
  const oldest = oldestReadable(last, metadata);
  if (from + count - 1 < oldest) {
    return { kind: 'events', events: [], next: oldest, isEnd: false, last };
  }
  const start = firstYoung(events, Math.max(from, oldest), ageLimit(metadata, now));
  if (start > last) return { kind: 'events', events: [], next: last + 1, isEnd: true, last };
  const end = Math.min(start + count, last + 1);
  const page = events.slice(start, end);
  return { kind: 'events', events: page, next: end, isEnd: end > last, last };
};

export const readStreamBackwards = (
  index: ReadableIndex,
  stream: string,
  from: number,
  count: number,
  now: number,
): StreamPage => {
  if (count < 1) return { kind: 'invalid' };
  const failure = failureOf(index, stream);
  if (failure !== undefined) return failure;
  const events = index.events(stream);
  const metadata = index.metadata(stream);
  const last = events.length - 1;
  const oldest = oldestReadable(last, metadata);
  const newest = from < 0 ? last : from;
  const start = Math.max(0, oldest, newest - count + 1);
  const limit = ageLimit(metadata, now);
  const page = events
    .slice(start, Math.max(start, newest + 1))
    .filter(({ created }) => created >= limit)
    .reverse();
  const reachedOldest = start <= oldest || page.at(-1)?.revision !== start;
  const isEnd = newest < oldest || (start <= last && reachedOldest);
  return { kind: 'events', events: page, next: Math.min(start - 1, last), isEnd, last };
};
