import type { RecordedEvent } from '../../../../commands/ports/eventStore.js';
import type {
  PastEvents,
  PastOfStreams,
  StreamsOfLog,
} from '../../../../queries/ports/pastEvents.js';
import type { Database, Statement } from '../../../postgres/database.js';
import { rowsAsTheyCome } from '../../../postgres/rowsAsTheyCome.js';
import { within } from '../../within.js';
import { EVENT_COLUMNS, toRecordedEvent, type EventRow } from './eventRows.js';
import type { LogTables } from '../logTables.js';
import { behindPrefix } from './streamPages.js';
import { asEventStoreError } from '../storeErrors.js';

/**
 * A page holds the past of nearly everybody, and a longer one is looked up once more for each page: to sort all
 * of it by position every time costs less than to keep a transaction open.
 */
const PAGE = 20_000;
/** So many are folded while the next are on their way. */
const PART = 2_500;

/** The past of streams as it is stored, found by the streams' names however long the log is. */
export const postgresPastEvents = (
  database: Database,
  tables: LogTables,
  pageSize = PAGE,
): PastEvents => ({
  of: (past) => pages(database, tables, past, pageSize),
});

async function* pages(
  database: Database,
  tables: LogTables,
  past: PastOfStreams,
  pageSize: number,
): AsyncGenerator<readonly RecordedEvent[], void> {
  for (let after = 0n; after < past.upTo;) {
    const parts = rowsAsTheyCome<EventRow>(database, pageOf(tables, past, after, pageSize), PART);
    let length = 0;
    for (;;) {
      const part = await within(() => parts.next(), past.signal).catch(asFailure);
      if (part.done) break;
      const events = part.value.map(toRecordedEvent);
      length += events.length;
      after = events.at(-1)?.position ?? after;
      yield events;
    }
    if (length < pageSize) return;
  }
}

const asFailure = (error: unknown): never => {
  throw asEventStoreError(error);
};

const pageOf = (
  { schema }: LogTables,
  { types, upTo, ...streams }: PastOfStreams,
  after: bigint,
  pageSize: number,
): Statement => ({
  name: `${schema}.past_of_streams`,
  // By events_stream_revision, a range of it for each name or prefix: "C" collation orders by bytes.
  text: `
        select ${EVENT_COLUMNS}
        from unnest($1::text[], $2::text[]) as wanted (first, behind)
        cross join lateral (
          select * from ${schema}.events e
          where e.stream >= wanted.first collate "C" and e.stream < wanted.behind collate "C"
            and e.type = any($3) and e.position > $4 and e.position <= $5
          -- Kept apart from the rest of the plan: the planner takes every range for a large part of the log.
          offset 0
        ) e
        order by e.position limit $6`,
  values: [...rangesOf(streams), types, after, upTo, pageSize],
});

/** Where the ranges of names begin, and what is behind them; none is in another. */
const rangesOf = ({ names = [], prefixes = [] }: StreamsOfLog): readonly [string[], string[]] => {
  const apart = [...new Set(prefixes)].filter(
    (prefix, _, all) => !all.some((other) => other !== prefix && prefix.startsWith(other)),
  );
  const others = [...new Set(names)].filter(
    (name) => !apart.some((prefix) => name.startsWith(prefix)),
  );
  // No name has a NUL in it, so that nothing lies between a name and the same with the next character.
  return [
    [...apart, ...others],
    [...apart.map(behindPrefix), ...others.map((name) => `${name}\u0001`)],
  ];
};
