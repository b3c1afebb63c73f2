import type { Logger } from 'pino';
import type {
  EventStore,
  ReadStreamOptions,
  StreamSlice,
} from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { EVENT_COLUMNS, toRecordedEvent, type EventRow } from './eventRows.js';
import { GroupCommit, type CommitObserver } from './groupCommit.js';
import { createGroupRead } from './groupRead.js';
import { ANSWER_MS } from './answerLimit.js';
import { logIdentity } from './logIdentity.js';
import { headPosition, readLogPage } from './logPages.js';
import { LogTail } from './logTail.js';
import { requireSomething } from '../appendBounds.js';
import { asEventStoreError } from './storeErrors.js';
import { within } from '../within.js';

const DEFAULT_COUNT = 1_000;

/** The event log on PostgreSQL; the tables are made by `migrations/0001_event_log.js`. */
export const createPostgresEventStore = (options: {
  readonly database: Database;
  readonly logger: Logger;
  readonly commits?: CommitObserver | undefined;
}): EventStore & { close(): Promise<void> } => {
  const { database, logger } = options;
  const tail = new LogTail(database, logger);
  const committed = (position: bigint): void => {
    tail.advance(position);
  };
  const commits = new GroupCommit(database, committed, options.commits);
  const reads = createGroupRead(database);

  return {
    gaplessPositions: true,
    append: async (stream, events, { expectedRevision, signal }) => {
      requireSomething(stream, events);
      return within(() => commits.append(stream, events, expectedRevision), signal);
    },
    readStream: (stream, read = {}) =>
      read.direction === 'backwards'
        ? within(() => readBackwards(database, stream, read), read.signal)
        : within(
            () =>
              reads.ask({
                stream,
                from: read.from ?? 0n,
                maxCount: read.maxCount ?? DEFAULT_COUNT,
              }),
            read.signal,
          ),
    readAll: (read) => within(() => readLogPage(database, read), read?.signal),
    subscribeToAll: (subscription) => tail.subscribe(subscription),
    headPosition: (read) => within(() => headPosition(database), read?.signal),
    identify: (read) => within(() => logIdentity(database), read?.signal),
    close: async () => {
      await commits.idle();
      await tail.close();
    },
  };
};

const readBackwards = async (
  database: Database,
  stream: string,
  { from, maxCount = DEFAULT_COUNT }: ReadStreamOptions,
): Promise<StreamSlice> => {
  try {
    const rows = await database.query<readonly [bigint, ...EventRow]>({
      name: 'log.read_stream_back',
      answerMs: ANSWER_MS,
      // By events_stream_revision.
      text: `
        select newest.revision, ${EVENT_COLUMNS}
        from (select n.revision from log.events n where n.stream = $1 collate "C"
              order by n.revision desc limit 1) newest
        left join lateral (
          select * from log.events e
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
