import type { RecordedEvent, StreamSlice } from '../../../../commands/ports/eventStore.js';
import { Coalescer } from '../../../postgres/coalescer.js';
import type { Database } from '../../../postgres/database.js';
import { EVENT_COLUMNS, toRecordedEvent, type EventRow } from './eventRows.js';
import { ANSWER_MS } from '../answerLimit.js';
import type { LogTables } from '../logTables.js';
import { asEventStoreError } from '../storeErrors.js';

interface StreamRead {
  readonly stream: string;
  readonly from: bigint;
  readonly maxCount: number;
}

/** The number of the request, the stream's last revision, then the event, or nulls where there is none. */
type ReadRow = readonly [nth: bigint, last: bigint | null, ...event: EventRow];

const GROUP_READS = 500;
/** One at a time: commands that were given in order then load, decide and append in order. */
const FLIGHTS = 1;

/**
 * Reads of streams that arrive while others are in flight go out together: many commands loading their
 * streams at once cost few round trips.
 */
export const createGroupRead = (
  database: Database,
  tables: LogTables,
): Coalescer<StreamRead, StreamSlice> =>
  new Coalescer((reads) => readStreams(database, tables, reads), {
    most: GROUP_READS,
    flights: FLIGHTS,
    keyOf: ({ stream, from, maxCount }) => `${from}:${maxCount}:${stream}`,
  });

const readStreams = async (
  database: Database,
  { schema }: LogTables,
  group: readonly StreamRead[],
): Promise<readonly StreamSlice[]> => {
  try {
    const rows = await database.query<ReadRow>({
      name: `${schema}.read_streams`,
      answerMs: ANSWER_MS,
      // Both by events_stream_revision.
      text: `
          select r.nth, newest.revision, ${EVENT_COLUMNS}
          from unnest($1::text[], $2::bigint[], $3::int[]) with ordinality as r (stream, start, most, nth)
          left join lateral (
            select n.revision from ${schema}.events n
            where n.stream = r.stream collate "C" order by n.revision desc limit 1
          ) newest on true
          left join lateral (
            select * from ${schema}.events e
            where e.stream = r.stream collate "C" and e.revision >= r.start
            order by e.revision limit r.most
          ) e on newest.revision >= r.start`,
      values: [
        group.map((read) => read.stream),
        group.map((read) => read.from.toString()),
        group.map((read) => read.maxCount),
      ],
      rowMode: 'array',
    });
    const slices = group.map((): { events: RecordedEvent[]; last: bigint | null } => ({
      events: [],
      last: null,
    }));
    for (const [nth, last, ...event] of rows) {
      const slice = slices[Number(nth) - 1];
      if (!slice) continue;
      slice.last = last;
      if (event[0] !== (null as unknown)) slice.events.push(toRecordedEvent(event));
    }
    return slices.map(({ events, last }) => toSlice(events, last));
  } catch (error) {
    throw asEventStoreError(error);
  }
};

const toSlice = (events: readonly RecordedEvent[], last: bigint | null): StreamSlice => {
  const newest = events.at(-1)?.revision;
  return {
    events,
    ...(last === null ? {} : { lastRevision: last }),
    hasMore: last !== null && newest !== undefined && newest < last,
  };
};
