import type {
  EventStore,
  LogFilter,
  OnUnreadable,
  RecordedEvent,
} from '../../commands/ports/eventStore.js';
import type { PastEvents, PastOfStreams } from '../../queries/ports/pastEvents.js';

const PAGE = 2_000;
/** So many streams are read at once. */
const AT_ONCE = 8;

/**
 * The past of streams through the port to the log: streams that are named are read one by one, for others the log
 * is read up to where it is wanted.
 */
export const pastEventsOf = (eventStore: EventStore): PastEvents => ({
  of: (past) =>
    (past.prefixes ?? []).length === 0 ? byName(eventStore, past) : byLog(eventStore, past),
});

async function* byName(
  eventStore: EventStore,
  past: PastOfStreams,
): AsyncGenerator<readonly RecordedEvent[], void> {
  const names = [...new Set(past.names ?? [])];
  const events: RecordedEvent[] = [];
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const some = names.slice(start, start + AT_ONCE);
    const read = await Promise.all(some.map((name) => readStream(eventStore, name, past)));
    events.push(...read.flat());
  }
  const wanted = [...leaving(events, past)].sort((a, b) => (a.position < b.position ? -1 : 1));
  for (let start = 0; start < wanted.length; start += PAGE) yield wanted.slice(start, start + PAGE);
}

const readStream = async (
  eventStore: EventStore,
  name: string,
  { types, upTo, signal }: PastOfStreams,
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for (let from = 0n, hasMore = true; hasMore;) {
    const slice = await eventStore.readStream(name, { from, ...(signal ? { signal } : {}) });
    events.push(
      ...slice.events.filter(({ type, position }) => position <= upTo && types.includes(type)),
    );
    const last = slice.events.at(-1);
    hasMore = slice.hasMore && last !== undefined && last.position < upTo;
    from = (last?.revision ?? 0n) + 1n;
  }
  return events;
};

async function* byLog(
  eventStore: EventStore,
  { names = [], prefixes = [], types, upTo, without, signal }: PastOfStreams,
): AsyncGenerator<readonly RecordedEvent[], void> {
  const filter: LogFilter = { types, streamPrefixes: [...prefixes, ...names] };
  const isWanted = ({ id, stream, position }: RecordedEvent): boolean =>
    position <= upTo &&
    !without?.has(id) &&
    (prefixes.some((prefix) => stream.startsWith(prefix)) || names.includes(stream));
  for (let after = 0n, end = false; !end && after < upTo;) {
    const options = {
      ...{ after, maxCount: PAGE, filter, onUnreadable: exceptFor(without) },
      ...(signal ? { signal } : {}),
    };
    const page = await eventStore.readAll(options);
    const events = page.events.filter(isWanted);
    if (events.length > 0) yield events;
    after = page.position;
    end = page.end;
  }
}

const leaving = (
  events: readonly RecordedEvent[],
  { without }: PastOfStreams,
): readonly RecordedEvent[] => (without ? events.filter(({ id }) => !without.has(id)) : events);

/** Whoever reads over events that nobody can read fails, unless they are left out. */
export const exceptFor =
  (without: PastOfStreams['without']): OnUnreadable =>
  ({ id }, error) => {
    if (!without?.has(id)) throw error;
  };

/** The past as the domain knows it, of a reader that gives it as it is stored. */
export const opening = (
  past: PastEvents,
  open: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>,
): PastEvents => ({
  of: async function* (wanted) {
    for await (const events of past.of(wanted)) yield await open(leaving(events, wanted));
  },
});
