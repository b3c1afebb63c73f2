import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { ensureCluster, SUPERUSER } from './cluster.js';
import { lockDataFolder, type InstanceLock } from './instanceLock.js';
import { placement, type Placement } from './placement.js';
import { endProcess, launch, postmasterFile, stopOrphan } from './serverProcess.js';

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
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/**
 * Starts the embedded PostgreSQL on a data folder, making the folder and the database at need, and starts
 * it again whenever it dies. A server that a killed Reellog left behind is ended first.
 * @throws {DataFolderInUse} another process has the folder; {ServerStartFailed}; {OtherPostgresVersion};
 *   {NoEmbeddedPostgres}
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
    if (await stopOrphan(place))
      logger.warn({ cluster: place.cluster }, 'ended a left-over server');
    const isNew = await ensureCluster(place);
    const child = await launchPatiently(place, logger, signal);
    if (isNew) await createDatabase(place);
    const connectionString = connectionTo(place.socketDir, DATABASE);
    lock.announce(connectionString);
    return supervise(place, lock, child, connectionString, logger);
  } catch (error) {
    const file = await postmasterFile(place.cluster);
    if (file) await stopOrphan(place);
    await lock.release();
    throw error;
  }
};

const connectionTo = (socketDir: string, database: string): string =>
  `postgresql://${SUPERUSER}@/${database}?host=${encodeURIComponent(socketDir)}`;

const createDatabase = async (place: Placement): Promise<void> => {
  const client = new pg.Client({ connectionString: connectionTo(place.socketDir, 'postgres') });
  await client.connect();
  try {
    await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
};

/**
 * After kill -9 of the postmaster its children hold the shared memory for a moment more, and a start is
 * refused until they are gone.
 */
const launchPatiently = async (
  place: Placement,
  logger: Logger,
  signal?: AbortSignal,
): Promise<ChildProcess> => {
  const attempts = 5;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(place, signal);
    } catch (error) {
      if (attempt >= attempts || signal?.aborted) throw error;
      logger.warn({ err: error, attempt }, 'the embedded server did not start: trying again');
      await sleep(FIRST_RETRY_MS * 2 ** attempt);
    }
  }
};

const supervise = (
  place: Placement,
  lock: InstanceLock,
  first: ChildProcess,
  connectionString: string,
  logger: Logger,
): EmbeddedServer => {
  let child: ChildProcess | undefined = first;
  const stopping = new AbortController();
  let restarting: Promise<void> = Promise.resolve();

  const restart = async (): Promise<void> => {
    for (
      let wait = FIRST_RETRY_MS;
      !stopping.signal.aborted;
      wait = Math.min(wait * 2, LAST_RETRY_MS)
    ) {
      try {
        watch(await launch(place, stopping.signal));
        logger.info('the embedded server runs again');
        return;
      } catch (error) {
        logger.error({ err: error, wait }, 'the embedded server does not start');
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const watch = (running: ChildProcess): void => {
    child = running;
    // The server must not keep us alive, and dies by our stop or by its supervisor's next start.
    running.unref();
    running.once('exit', (code, by) => {
      child = undefined;
      if (stopping.signal.aborted) return;
      logger.error({ code, by }, 'the embedded server died: starting it again');
      restarting = restart();
    });
  };
  watch(first);

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await restarting;
    const pid = child?.pid;
    if (pid !== undefined && child?.exitCode === null) await endProcess(pid);
    await lock.release();
  };
  return {
    connectionString,
    cluster: place.cluster,
    pid: () => child?.pid,
    stop: () => (stopped ??= stop()),
  };
};
