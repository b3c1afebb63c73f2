import type { Logger } from 'pino';
import type { EventStore } from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { requireSomething } from '../appendBounds.js';
import { within } from '../within.js';
import { GroupCommit, type CommitObserver } from './groupCommit.js';
import { logIdentity } from './logIdentity.js';
import { createLogReads } from './reads/logReads.js';
import { postgresLogTables, type LogTables } from './logTables.js';

/** The event log on PostgreSQL; the tables are made by `migrations/0001_event_log.js`. */
export const createPostgresEventStore = (options: {
  readonly database: Database;
  readonly logger: Logger;
  readonly commits?: CommitObserver | undefined;
}): EventStore & { readonly tables: LogTables; close(): Promise<void> } => {
  const { database, logger } = options;
  const reads = createLogReads(database, postgresLogTables, logger);
  const committed = (position: bigint): void => {
    reads.advance(position);
  };
  const commits = new GroupCommit(database, committed, options.commits);
  return {
    ...reads,
    tables: postgresLogTables,
    readsMayLag: false,
    append: async (stream, events, { expectedRevision, signal }) => {
      requireSomething(stream, events);
      return within(() => commits.append(stream, events, expectedRevision), signal);
    },
    // A position is the number of its event, up to the last.
    ordinalsAt: async (positions) => {
      const head = await reads.headPosition();
      return positions.map((position) => (position < head ? position : head));
    },
    identify: (read) => within(() => logIdentity(database), read?.signal),
    close: async () => {
      await commits.idle();
      await reads.close();
    },
  };
};
