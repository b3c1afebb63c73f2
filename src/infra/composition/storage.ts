import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { EventStore } from '../../commands/ports/eventStore.js';
import type { Config, LogPlace } from '../config/config.js';
import type { EventStoreDbLog } from '../eventstore/eventstoredb/eventStoreDbLog.js';
import { keepMirrorInThread } from '../eventstore/mirror/mirrorThread.js';
import type { MirrorHealth } from '../eventstore/mirror/mirrorHealth.js';
import { openMirroredLog } from '../eventstore/mirror/openMirroredLog.js';
import { createPersonalKeys, type PersonalKeys } from '../eventstore/privacy/personalKeys.js';
import type { CommitObserver } from '../eventstore/postgres/groupCommit.js';
import type { LogTables } from '../eventstore/postgres/logTables.js';
import { createPostgresEventStore } from '../eventstore/postgres/postgresEventStore.js';
import { openDatabase, type Database } from '../postgres/database.js';
import { DatabaseNotFound, DatabaseUnavailable } from '../postgres/databaseErrors.js';
import { startEmbeddedServer } from '../postgres/embedded/embeddedServer.js';
import { runningInstance } from '../postgres/embedded/instanceLock.js';
import { migrate } from '../postgres/migrate.js';
import { holdsDatabase } from '../postgres/embedded/placement.js';
import { optionsOf, withSettledTls } from '../postgres/pool/tls.js';

/** How the database of a data folder is reached. */
export interface StorageOptions {
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /**
   * `own`: this process runs the embedded server and is the only one to. `join`: where another process runs
   * it, use that one; what command-line tools do beside a running service.
   */
  readonly embedded?: 'own' | 'join';
  /** Whether what goes on by itself does so in threads, which need the compiled code. */
  readonly inThreads?: boolean;
  /** Opens a log in EventStoreDB also where the server has lost a part of its past, to look at what is there. */
  readonly evenIfGone?: boolean;
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

/** Only where it is needed: it takes a while, and its client cannot share a process with its successor. */
const eventStoreDbAdapter = () => import('../eventstore/eventstoredb/eventStoreDbLog.js');

/** A log in EventStoreDB, which takes copies of other logs. @throws {Error} none is named */
export const openEventStoreDbLog = async (
  { eventStoreUrl: connectionString, eventStorePrefix: streamPrefix = '' }: LogPlace,
  { logger }: { readonly logger: Logger },
): Promise<EventStoreDbLog> => {
  if (connectionString === undefined) throw new Error('no EventStoreDB is named');
  const { openEventStoreDb } = await eventStoreDbAdapter();
  return openEventStoreDb({ connectionString, streamPrefix, logger });
};

/** The log as its adapter gives it; where it is in EventStoreDB, read from its mirror. */
export interface EventLog extends EventStore {
  /** Where it is read from. */
  readonly tables: LogTables;
  /** How its mirror is, where it has one. */
  readonly mirror?: MirrorHealth;
  close(): Promise<void>;
}

/** Opens the log: in EventStoreDB where one is named, else in the database. */
export const openEventLog = async (
  place: LogPlace,
  {
    database,
    logger,
    commits,
    mirrorKeptBy = 'this',
    evenIfGone,
    signal,
  }: {
    readonly database: Database;
    readonly logger: Logger;
    readonly commits?: CommitObserver | undefined;
    readonly mirrorKeptBy?: Parameters<typeof openMirroredLog>[0]['keptBy'];
    readonly evenIfGone?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<EventLog> =>
  place.eventStoreUrl === undefined
    ? createPostgresEventStore({ database, logger, commits })
    : openMirroredLog({
        ...{ database, logger, signal, evenIfGone, keptBy: mirrorKeptBy },
        log: await openEventStoreDbLog(place, { logger }),
      });

/** The mirror's: it writes with one, and has its lease with another. */
const MIRROR_CONNECTIONS = 2;

/** The database and the log; closed together. */
export const openStorageAndLog = async (
  config: Config,
  options: StorageOptions,
  commits?: CommitObserver,
) => {
  const { logger, signal, inThreads = false } = options;
  // Loaded while the database starts.
  if (config.eventStoreUrl !== undefined) void eventStoreDbAdapter();
  const storage = await openStorage(config, options);
  const { database, connectionString } = storage;
  const inThread = (server: string) =>
    keepMirrorInThread(
      {
        ...{ connectionString, connections: MIRROR_CONNECTIONS, log: config, server },
        ...{ onPoison: config.onPoison, logLevel: config.logLevel },
      },
      logger,
    );
  try {
    const log = await openEventLog(config, {
      ...{ database, logger, commits, signal, evenIfGone: options.evenIfGone },
      mirrorKeptBy: inThreads ? inThread : 'this',
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
