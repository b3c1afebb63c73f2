import type { LogFilter, LogPage, ReadAllOptions } from '../../../../commands/ports/eventStore.js';
import type { Database } from '../../../postgres/database.js';
import { EVENT_COLUMNS, toRecordedEvent, type EventRow } from './eventRows.js';
import type { LogTables } from '../logTables.js';
import { asEventStoreError } from '../storeErrors.js';

type PageRow = readonly [head: bigint, examined: bigint, ...event: EventRow];

const DEFAULT_COUNT = 1_000;
/** How many events one filtered read examines at most: its work is bounded however rare the ones wanted are. */
const FILTERED_WINDOW = 20_000;

/** One page of the log in either direction; `position` is the last one examined. */
export const readLogPage = async (
  database: Database,
  tables: LogTables,
  options: Omit<ReadAllOptions, 'signal'> = {},
): Promise<LogPage> => {
  const maxCount = options.maxCount ?? DEFAULT_COUNT;
  try {
    return options.direction === 'backwards'
      ? await backwards(database, tables, options, maxCount)
      : await forwards(database, tables, options, maxCount);
  } catch (error) {
    throw asEventStoreError(error);
  }
};

const forwards = async (
  database: Database,
  tables: LogTables,
  { after = 0n, filter }: ReadAllOptions,
  maxCount: number,
): Promise<LogPage> => {
  const { schema, headOrdinal, ordinalAt, positionOf } = tables;
  const filtered = isFiltering(filter);
  // The last position of the window.
  const last = `least(${ordinalAt('$1::bigint')} + ${FILTERED_WINDOW}, ${headOrdinal})`;
  const rows = await database.query<PageRow>({
    name: `${schema}.${filtered ? 'page_filtered' : 'page'}`,
    // By events_position. Read with the head in one snapshot: what is below it is all there.
    text: `
      select h.position, w.examined, ${EVENT_COLUMNS}
      from ${schema}.head h
      cross join lateral (select ${filtered ? positionOf(last) : 'h.position'} as examined) w
      left join lateral (
        select * from ${schema}.events e
        where e.position > $1 ${filtered ? `and e.position <= w.examined ${FILTER}` : ''}
        order by e.position limit $2
      ) e on true
      order by e.position`,
    values: [after, maxCount, ...(filtered ? filterValues(filter) : [])],
    rowMode: 'array',
  });
  const [head = 0n, end = 0n] = rows[0] ?? [];
  const events = eventsOf(rows);
  const examined = events.length === maxCount ? (events.at(-1)?.position ?? after) : end;
  const position = examined > after ? examined : after;
  return { events, position, end: position >= head };
};

const backwards = async (
  database: Database,
  tables: LogTables,
  { after, filter }: ReadAllOptions,
  maxCount: number,
): Promise<LogPage> => {
  const { schema, ordinalAt, positionOf } = tables;
  const filtered = isFiltering(filter);
  const before = after ?? (await headPosition(database, tables)) + 1n;
  // The last position behind the window.
  const behind = `greatest(${ordinalAt('$1::bigint - 1')} - ${FILTERED_WINDOW}, 0)`;
  const rows = await database.query<PageRow>({
    name: `${schema}.${filtered ? 'page_back_filtered' : 'page_back'}`,
    text: `
      select h.position, w.behind, ${EVENT_COLUMNS}
      from ${schema}.head h
      cross join lateral (select ${filtered ? positionOf(behind) : '0::bigint'} as behind) w
      left join lateral (
        select * from ${schema}.events e
        where e.position < $1 ${filtered ? `and e.position > w.behind ${FILTER}` : ''}
        order by e.position desc limit $2
      ) e on true
      order by e.position desc`,
    // One more than wanted tells whether there are more.
    values: [before, maxCount + 1, ...(filtered ? filterValues(filter) : [])],
    rowMode: 'array',
  });
  const found = eventsOf(rows);
  const events = found.slice(0, maxCount);
  const behindAll = rows[0]?.[1] ?? 0n;
  const position = found.length > maxCount ? (events.at(-1)?.position ?? before) : behindAll + 1n;
  return { events, position, end: found.length <= maxCount && behindAll === 0n };
};

const FILTER = `
          and ($3::text[] is null or e.type = any($3))
          and ($4::text[] is null or exists (select from unnest($4) p (prefix) where e.stream ^@ p.prefix))`;

const isFiltering = (filter: LogFilter | undefined): filter is LogFilter =>
  filter?.types !== undefined || filter?.streamPrefixes !== undefined;

const filterValues = (filter: LogFilter): unknown[] => [
  filter.types ?? null,
  filter.streamPrefixes ?? null,
];

const eventsOf = (rows: readonly PageRow[]) =>
  rows
    .filter(([, , position]) => position !== (null as unknown))
    .map(([, , ...event]) => toRecordedEvent(event));

/** The newest event's position; 0 in an empty log. */
export const headPosition = async (database: Database, { schema }: LogTables): Promise<bigint> => {
  try {
    const rows = await database.query<{ position: bigint }>({
      name: `${schema}.head`,
      text: `select position from ${schema}.head`,
    });
    return rows[0]?.position ?? 0n;
  } catch (error) {
    throw asEventStoreError(error);
  }
};

/** How many events the log has up to each of some positions. */
export const ordinalsAt = async (
  database: Database,
  { schema, ordinalAt }: LogTables,
  positions: readonly bigint[],
): Promise<readonly bigint[]> => {
  try {
    const rows = await database.query<{ ordinal: bigint }>({
      name: `${schema}.ordinals`,
      text: `select ${ordinalAt('p.position')} as ordinal
             from unnest($1::bigint[]) with ordinality as p (position, nth) order by p.nth`,
      values: [positions],
    });
    return rows.map(({ ordinal }) => ordinal);
  } catch (error) {
    throw asEventStoreError(error);
  }
};
