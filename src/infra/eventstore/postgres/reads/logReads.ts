import type { Logger } from 'pino';
import type {
  EventStore,
  ReadStreamOptions,
  StreamSlice,
} from '../../../../commands/ports/eventStore.js';
import type { Database } from '../../../postgres/database.js';
import { within } from '../../within.js';
import { ANSWER_MS } from '../answerLimit.js';
import { EVENT_COLUMNS, toRecordedEvent, type EventRow } from './eventRows.js';
import { createGroupRead } from './groupRead.js';
import { headPosition, ordinalsAt, readLogPage } from './logPages.js';
import type { LogTables } from '../logTables.js';
import { LogTail } from './logTail.js';
import { readBefore, readByStream } from './streamPages.js';
import { asEventStoreError } from '../storeErrors.js';

const DEFAULT_COUNT = 1_000;

/** The reading half of the port to the log, on tables: those of the log in PostgreSQL, or of a mirror. */
export interface LogReads extends Pick<
  EventStore,
  | 'readStream'
  | 'readAll'
  | 'readBefore'
  | 'readByStream'
  | 'subscribeToAll'
  | 'headPosition'
  | 'ordinalsAt'
> {
  /** The log has grown to here: whoever follows it is woken. */
  advance(position: bigint): void;
  close(): Promise<void>;
}

export const createLogReads = (database: Database, tables: LogTables, logger: Logger): LogReads => {
  const tail = new LogTail(database, tables, logger);
  const reads = createGroupRead(database, tables);
  return {
    readStream: (stream, read = {}) =>
      read.direction === 'backwards'
        ? within(() => readBackwards(database, tables, stream, read), read.signal)
        : within(
            () =>
              reads.ask({
                stream,
                from: read.from ?? 0n,
                maxCount: read.maxCount ?? DEFAULT_COUNT,
              }),
            read.signal,
          ),
    readAll: (read) => within(() => readLogPage(database, tables, read), read?.signal),
    readBefore: (ends, read) =>
      within(() => readBefore(database, tables, ends, read?.upTo), read?.signal),
    readByStream: (read) => within(() => readByStream(database, tables, read), read.signal),
    subscribeToAll: (subscription) => tail.subscribe(subscription),
    headPosition: (read) => within(() => headPosition(database, tables), read?.signal),
    ordinalsAt: (positions) => ordinalsAt(database, tables, positions),
    advance: (position) => {
      tail.advance(position);
    },
    close: () => tail.close(),
  };
};

const readBackwards = async (
  database: Database,
  { schema }: LogTables,
  stream: string,
  { from, maxCount = DEFAULT_COUNT }: ReadStreamOptions,
): Promise<StreamSlice> => {
  try {
    const rows = await database.query<readonly [bigint, ...EventRow]>({
      name: `${schema}.read_stream_back`,
      answerMs: ANSWER_MS,
      // By events_stream_revision.
      text: `
        select newest.revision, ${EVENT_COLUMNS}
        from (select n.revision from ${schema}.events n where n.stream = $1 collate "C"
              order by n.revision desc limit 1) newest
        left join lateral (
          select * from ${schema}.events e
          where e.stream = $1 collate "C" and e.revision <= coalesce($2, newest.revision)
          order by e.revision desc limit $3
        ) e on true
        order by e.revision desc`,
      values: [stream, from ?? null, maxCount],
      rowMode: 'array',
    });
    const last = rows[0]?.[0];
    const events = rows
      .filter(([, position]) => position !== (null as unknown))
      .map(([, ...event]) => toRecordedEvent(event));
    return {
      events,
      ...(last === undefined ? {} : { lastRevision: last }),
      hasMore: (events.at(-1)?.revision ?? 0n) > 0n,
    };
  } catch (error) {
    throw asEventStoreError(error);
  }
};
