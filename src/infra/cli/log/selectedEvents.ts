import type { EventStore, LogFilter, RecordedEvent } from '../../../commands/ports/eventStore.js';
import { accountStream } from '../../../domain/streams.js';
import { positionAt } from '../../eventstore/places/positionAt.js';

/** Which events of the log are wanted: those that meet all of it. */
export interface EventSelection {
  /** At most one of these three. */
  readonly stream?: string;
  /** What the names of streams begin with. */
  readonly category?: string;
  /** The streams of one person. */
  readonly user?: string;
  readonly types?: readonly string[];
  /** What one act led to. */
  readonly correlationId?: string;
  /** Recorded from this time on, … */
  readonly since?: Date;
  /** … before this time. */
  readonly until?: Date;
  /** Exclusive. */
  readonly after?: bigint;
  /** Inclusive. */
  readonly upTo?: bigint;
  /** At most so many. */
  readonly limit?: number;
}

/** Also goes on with what is appended from now on, until the signal aborts. */
export interface Following {
  readonly follow?: boolean;
  readonly signal: AbortSignal;
}

const PAGE = 1_000;

/**
 * The events wanted, oldest first, in pages. Nothing is read ahead of whoever takes them, but one page. Ends
 * without error when the signal aborts.
 * @throws {EventStoreError}
 */
export async function* selectedEvents(
  log: EventStore,
  selection: EventSelection,
  { follow = false, signal }: Following,
): AsyncGenerator<readonly RecordedEvent[], void> {
  const bounds = await boundsOf(log, selection, signal);
  let left = selection.limit ?? Number.POSITIVE_INFINITY;
  const isWanted = wanted(selection);
  const pages = follow
    ? followed(log, selection, bounds.after, signal)
    : selection.stream === undefined
      ? inTheLog(log, selection, bounds, signal)
      : inTheStream(log, selection.stream, bounds, signal);
  if (left === 0) return;
  for await (const page of pages) {
    const events = page.filter(isWanted).slice(0, left);
    left -= events.length;
    if (events.length > 0) yield events;
    if (left === 0) return;
  }
}

/** Between which positions to look: after the first, up to the last. */
interface Bounds {
  readonly after: bigint;
  readonly upTo: bigint | undefined;
}

/** Times as positions, so that what was recorded before and after is not read. */
const boundsOf = async (
  log: EventStore,
  { after = 0n, upTo, since, until }: EventSelection,
  signal: AbortSignal,
): Promise<Bounds> => {
  const before = (time: Date) => positionAt(log, new Date(time.getTime() - 1), { signal });
  const last = until && (await before(until));
  const first = since && (await before(since));
  return {
    after: first !== undefined && first > after ? first : after,
    upTo: last !== undefined && (upTo === undefined || last < upTo) ? last : upTo,
  };
};

/** What the log itself can leave out. */
const filterOf = ({ stream, category, user, types }: EventSelection): LogFilter => {
  const streamPrefixes =
    stream !== undefined
      ? [stream]
      : category !== undefined
        ? [`${category}-`]
        : user !== undefined
          ? [`viewing-${user}.`, accountStream(user)]
          : undefined;
  return { ...(types ? { types } : {}), ...(streamPrefixes ? { streamPrefixes } : {}) };
};

const wanted =
  ({ stream, types, correlationId, since, until, after, upTo }: EventSelection) =>
  (event: RecordedEvent): boolean =>
    (stream === undefined || event.stream === stream) &&
    (types === undefined || types.includes(event.type)) &&
    (correlationId === undefined || event.metadata.correlationId === correlationId) &&
    (since === undefined || event.recordedAt >= since) &&
    (until === undefined || event.recordedAt < until) &&
    (after === undefined || event.position > after) &&
    (upTo === undefined || event.position <= upTo);

async function* inTheLog(
  log: EventStore,
  selection: EventSelection,
  { after: first, upTo }: Bounds,
  signal: AbortSignal,
): AsyncGenerator<readonly RecordedEvent[], void> {
  const filter = filterOf(selection);
  for (let after = first, end = false; !end && !signal.aborted;) {
    const page = await log.readAll({ after, maxCount: PAGE, filter });
    yield page.events;
    after = page.position;
    end = page.end || (upTo !== undefined && after >= upTo);
  }
}

/** A stream is found by its name, however long the log is. */
async function* inTheStream(
  log: EventStore,
  stream: string,
  { upTo }: Bounds,
  signal: AbortSignal,
): AsyncGenerator<readonly RecordedEvent[], void> {
  for (let from = 0n, hasMore = true; hasMore && !signal.aborted;) {
    const slice = await log.readStream(stream, { from, maxCount: PAGE });
    yield slice.events;
    const last = slice.events.at(-1);
    hasMore = slice.hasMore && last !== undefined && (upTo === undefined || last.position < upTo);
    from = (last?.revision ?? 0n) + 1n;
  }
}

/** What there is of a stream is read from the stream; then the log is followed from where it was. */
async function* followed(
  log: EventStore,
  selection: EventSelection,
  first: bigint,
  signal: AbortSignal,
): AsyncGenerator<readonly RecordedEvent[], void> {
  let after = first;
  if (selection.stream !== undefined) {
    const head = await log.headPosition({ signal });
    const bounds = { after, upTo: head };
    for await (const events of inTheStream(log, selection.stream, bounds, signal)) {
      yield events.filter(({ position }) => position <= head);
    }
    if (head > after) after = head;
  }
  const filter = filterOf(selection);
  for await (const batch of log.subscribeToAll({ after, filter, batchSize: PAGE, signal })) {
    yield batch.events;
  }
}
