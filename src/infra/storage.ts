import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { EventStore } from '../commands/ports/eventStore.js';
import type { Config, LogPlace } from './config/config.js';
import type { EventStoreDbEventStore } from './eventstore/eventstoredb/eventStoreDbEventStore.js';
import { createPersonalKeys, type PersonalKeys } from './eventstore/personalKeys.js';
import type { CommitObserver } from './eventstore/postgres/groupCommit.js';
import { createPostgresEventStore } from './eventstore/postgres/postgresEventStore.js';
import { openDatabase, type Database } from './postgres/database.js';
import { DatabaseNotFound, DatabaseUnavailable } from './postgres/databaseErrors.js';
import { startEmbeddedServer } from './postgres/embeddedServer.js';
import { runningInstance } from './postgres/instanceLock.js';
import { migrate } from './postgres/migrate.js';
import { holdsDatabase } from './postgres/placement.js';
import { optionsOf, withSettledTls } from './postgres/pool/tls.js';

/** How the database of a data folder is reached. */
export interface StorageOptions {
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /**
   * `own`: this process runs the embedded server and is the only one to. `join`: where another process runs
   * it, use that one; what command-line tools do beside a running service.
   */
  readonly embedded?: 'own' | 'join';
  /** Whether a database is made where there is none; default: by who is to run the embedded server. */
  readonly makes?: boolean;
}

/**
 * Finds or starts the database, brings its tables up to date.
 * @throws {DatabaseNotFound} there is none, and none is to be made
 */
export const openStorage = async (
  config: Config,
  { logger, signal, embedded = 'own', makes = embedded === 'own' }: StorageOptions,
): Promise<{ database: Database; connectionString: string; close: () => Promise<void> }> => {
  const running =
    config.databaseUrl === undefined && embedded === 'join'
      ? await runningInstance(config.dataDir)
      : undefined;
  const named =
    config.databaseUrl === undefined
      ? undefined
      : await withSettledTls(config.databaseUrl, process.env.PGSSLMODE);
  const joined = running?.connectionString ?? undefined;
  if (joined !== undefined) await mustSee(joined);
  const existing = named ?? joined;
  if (existing === undefined && !makes && !(await holdsDatabase(config.dataDir))) {
    throw new DatabaseNotFound(
      `There is no database in the data folder ${resolve(config.dataDir)}. Set REELLOG_DATA_DIR to the folder of ` +
        'one, or begin one there with "reellog serve".',
    );
  }
  const server =
    existing === undefined
      ? await startEmbeddedServer({
          dataDir: config.dataDir,
          logger,
          ...(signal ? { signal } : {}),
        })
      : undefined;
  const connectionString = existing ?? server?.connectionString ?? '';
  try {
    await migrate(connectionString, { makes });
  } catch (error) {
    await server?.stop();
    throw error;
  }
  const database = openDatabase({
    connectionString,
    maxConnections: config.connections,
    statementMs: config.answerSeconds * 1_000,
    logger,
  });
  return {
    database,
    connectionString,
    close: async () => {
      await database.close();
      await server?.stop();
    },
  };
};

/** @throws {DatabaseUnavailable} the socket of a running service is hidden from this process */
const mustSee = async (connectionString: string): Promise<void> => {
  const folder = optionsOf(connectionString).get('host') ?? '';
  await access(folder).catch((cause: unknown) => {
    throw new DatabaseUnavailable(
      `The database runs, but its socket is in ${folder}, which this process does not see: the path of the data ` +
        'folder is too long for it, and the service has temporary folders of its own (PrivateTmp).',
      { cause },
    );
  });
};

/** A log in EventStoreDB, which takes copies of other logs. @throws {Error} none is named */
export const openEventStoreDbLog = async (
  { eventStoreUrl: connectionString, eventStorePrefix: streamPrefix = '' }: LogPlace,
  { logger }: { readonly logger: Logger },
): Promise<EventStoreDbEventStore> => {
  if (connectionString === undefined) throw new Error('no EventStoreDB is named');
  // Only where it is needed: its client cannot share a process with its successor.
  const { createEventStoreDbEventStore } =
    await import('./eventstore/eventstoredb/eventStoreDbEventStore.js');
  return createEventStoreDbEventStore({ connectionString, streamPrefix, logger });
};

/** The log as its adapter gives it: in EventStoreDB where one is named, else in the database. */
export const openEventLog = async (
  place: LogPlace,
  {
    database,
    logger,
    commits,
  }: {
    readonly database: Database;
    readonly logger: Logger;
    readonly commits?: CommitObserver | undefined;
  },
): Promise<EventStore & { close(): Promise<void> }> =>
  place.eventStoreUrl === undefined
    ? createPostgresEventStore({ database, logger, commits })
    : openEventStoreDbLog(place, { logger });

/** The database and the log; closed together. */
export const openStorageAndLog = async (
  config: Config,
  options: StorageOptions,
  commits?: CommitObserver,
) => {
  const storage = await openStorage(config, options);
  try {
    const log = await openEventLog(config, {
      ...{ database: storage.database, logger: options.logger, commits },
    });
    return {
      ...storage,
      log,
      close: async () => {
        await log.close();
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
};

/** The log alone, as its adapter gives it: what tools look at that must not trust what stands before it. */
export const openLog = async (
  config: Config,
  options: StorageOptions,
): Promise<{
  readonly log: EventStore;
  readonly database: Database;
  readonly personalKeys: PersonalKeys;
  close(): Promise<void>;
}> => {
  const { database, log, close } = await openStorageAndLog(config, options);
  return { ...{ log, database, close }, personalKeys: createPersonalKeys(database) };
};
