import type { LogFilter, LogPage, ReadAllOptions } from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { EVENT_COLUMNS, toRecordedEvent, type EventRow } from './eventRows.js';
import { asEventStoreError } from './storeErrors.js';

type PageRow = readonly [head: bigint, ...event: EventRow];

const DEFAULT_COUNT = 1_000;
/**
 * How many positions one filtered read examines at most. Positions are gapless, so this bounds the work of a
 * page however rare the events wanted are.
 */
const FILTERED_WINDOW = 20_000n;

/** One page of the log in either direction; `position` is the last one examined. */
export const readLogPage = async (
  database: Database,
  options: Omit<ReadAllOptions, 'signal'> = {},
): Promise<LogPage> => {
  const maxCount = options.maxCount ?? DEFAULT_COUNT;
  try {
    return options.direction === 'backwards'
      ? await backwards(database, options, maxCount)
      : await forwards(database, options, maxCount);
  } catch (error) {
    throw asEventStoreError(error);
  }
};

const forwards = async (
  database: Database,
  { after = 0n, filter }: ReadAllOptions,
  maxCount: number,
): Promise<LogPage> => {
  const filtered = isFiltering(filter);
  const windowEnd = filtered ? after + FILTERED_WINDOW : after + BigInt(maxCount);
  const rows = await database.query<PageRow>({
    name: filtered ? 'log.page_filtered' : 'log.page',
    // By events_position. Read with the head in one snapshot: what is below it is all there.
    text: `
      select h.position, ${EVENT_COLUMNS}
      from log.head h
      left join lateral (
        select * from log.events e
        where e.position > $1 and e.position <= $2 ${filtered ? FILTER : ''}
        order by e.position limit $3
      ) e on true
      order by e.position`,
    values: [after, windowEnd, maxCount, ...(filtered ? filterValues(filter) : [])],
    rowMode: 'array',
  });
  const head = rows[0]?.[0] ?? 0n;
  const events = eventsOf(rows);
  const examined =
    filtered && events.length === maxCount
      ? (events.at(-1)?.position ?? after)
      : smaller(windowEnd, head);
  const position = examined > after ? examined : after;
  return { events, position, end: position >= head };
};

const backwards = async (
  database: Database,
  { after, filter }: ReadAllOptions,
  maxCount: number,
): Promise<LogPage> => {
  const filtered = isFiltering(filter);
  const head = after ?? (await headPosition(database)) + 1n;
  const windowStart = head - (filtered ? FILTERED_WINDOW : BigInt(maxCount));
  const rows = await database.query<PageRow>({
    name: filtered ? 'log.page_back_filtered' : 'log.page_back',
    text: `
      select h.position, ${EVENT_COLUMNS}
      from log.head h
      left join lateral (
        select * from log.events e
        where e.position < $1 and e.position >= $2 ${filtered ? FILTER : ''}
        order by e.position desc limit $3
      ) e on true
      order by e.position desc`,
    values: [head, windowStart, maxCount, ...(filtered ? filterValues(filter) : [])],
    rowMode: 'array',
  });
  const events = eventsOf(rows);
  const examined =
    filtered && events.length === maxCount ? (events.at(-1)?.position ?? windowStart) : windowStart;
  const position = examined > 1n ? examined : 1n;
  return { events, position, end: position <= 1n };
};

const FILTER = `
          and ($4::text[] is null or e.type = any($4))
          and ($5::text[] is null or exists (select from unnest($5) p (prefix) where e.stream ^@ p.prefix))`;

const isFiltering = (filter: LogFilter | undefined): filter is LogFilter =>
  filter?.types !== undefined || filter?.streamPrefixes !== undefined;

const filterValues = (filter: LogFilter): unknown[] => [
  filter.types ?? null,
  filter.streamPrefixes ?? null,
];

const eventsOf = (rows: readonly PageRow[]) =>
  rows
    .filter(([, position]) => position !== (null as unknown))
    .map(([, ...event]) => toRecordedEvent(event));

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** The newest event's position; 0 in an empty log. */
export const headPosition = async (database: Database): Promise<bigint> => {
  try {
    const rows = await database.query<{ position: bigint }>({
      name: 'log.head',
      text: 'select position from log.head',
    });
    return rows[0]?.position ?? 0n;
  } catch (error) {
    throw asEventStoreError(error);
  }
};
