import { rm } from 'node:fs/promises';
import pRetry from 'p-retry';
import type { ChildProcess } from 'node:child_process';
import pg from 'pg';
import type { Logger } from 'pino';
import { ensureCluster, SUPERUSER } from './cluster.js';
import { lockDataFolder } from './instanceLock.js';
import { endLeftovers, SOCKET_PORT } from './leftovers.js';
import { makeSocketDir, placement, type Placement } from './placement.js';
import { launch } from './serverProcess.js';
import { supervise } from './supervisor.js';

/** A PostgreSQL of our own, kept running until stopped. */
export interface EmbeddedServer {
  readonly connectionString: string;
  /** The server's process id now; changes when it had to be started again. */
  pid(): number | undefined;
  /** Where the cluster's files are. */
  readonly cluster: string;
  stop(): Promise<void>;
}

const DATABASE = 'reellog';
const FIRST_RETRY_MS = 100;
const LAUNCHES = 5;
const CONNECT_MS = 10_000;

/**
 * Starts the embedded PostgreSQL on a data folder, making the folder and the database at need, and starts
 * it again whenever it dies. A server that a killed Reellog left behind is ended first.
 * @throws {DataFolderInUse} another process has the folder; {ServerStartFailed}; {OtherPostgresVersion};
 *   {DataFolderUnusable}; {NoEmbeddedPostgres}
 */
export const startEmbeddedServer = async (options: {
  readonly dataDir: string;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}): Promise<EmbeddedServer> => {
  const { logger, signal } = options;
  const place = await placement(options.dataDir, logger);
  const lock = await lockDataFolder(place.dataDir);
  try {
    await makeSocketDir(place);
    if (await endLeftovers(place)) {
      logger.warn({ cluster: place.cluster }, 'ended a left-over server');
    }
    await ensureCluster(place, signal);
    const supervisor = supervise(place, await launchPatiently(place, logger, signal), logger);
    try {
      await ensureDatabase(place);
    } catch (error) {
      await supervisor.stop();
      throw error;
    }
    const connectionString = connectionTo(place.socketDir, DATABASE);
    lock.announce(connectionString);
    const stop = async (): Promise<void> => {
      await supervisor.stop();
      await rm(place.socketDir, { recursive: true, force: true });
      await lock.release();
    };
    let stopped: Promise<void> | undefined;
    return {
      connectionString,
      cluster: place.cluster,
      pid: () => supervisor.pid(),
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
};

/** Says everything that pg would else take from the environment (`PGPORT`, `PGSSLMODE`). */
const connectionTo = (socketDir: string, database: string): string =>
  `postgresql://${SUPERUSER}@/${database}?host=${encodeURIComponent(socketDir)}` +
  `&port=${SOCKET_PORT}&sslmode=disable`;

/** Looked for at each start, for the first one may have been interrupted before this. */
const ensureDatabase = async (place: Placement): Promise<void> => {
  const client = new pg.Client({
    connectionString: connectionTo(place.socketDir, 'postgres'),
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
};

/** A start can be refused for a moment, while the system still cleans up after a killed server. */
const launchPatiently = (
  place: Placement,
  logger: Logger,
  signal?: AbortSignal,
): Promise<ChildProcess> =>
  pRetry(() => launch(place, signal), {
    retries: LAUNCHES - 1,
    minTimeout: FIRST_RETRY_MS,
    onFailedAttempt: ({ error, attemptNumber: attempt, retriesLeft }) => {
      if (retriesLeft === 0 || signal?.aborted) return;
      logger.warn({ err: error, attempt }, 'the embedded server did not start: trying again');
    },
    // The start that is under way ends itself, and its process: it is waited for.
    shouldRetry: () => signal?.aborted !== true,
  });
