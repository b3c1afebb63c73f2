import { pino, type Logger } from 'pino';
import { openReellog, type Reellog } from '../composition/service.js';
import { configFrom, unknownVariables, type Config } from '../config/config.js';
import type { Database } from '../postgres/database.js';
import { openStorage, type StorageOptions } from '../composition/storage.js';
import { logIds } from '../telemetry/logIds.js';
import { Interrupted } from './exitCodes.js';

/** The environment's configuration and the log that goes with it. */
export const startUp = (overrides: Partial<Config> = {}): { config: Config; logger: Logger } => {
  const config = { ...configFrom(process.env), ...overrides };
  const options = { level: config.logLevel, mixin: logIds };
  const logger = pino(options, pino.destination({ fd: 2, sync: true }));
  for (const name of unknownVariables(process.env)) {
    process.stderr.write(`${name} is not a setting of Reellog: see "reellog serve --help".\n`);
  }
  return { config, logger };
};

/** Told to stop, the embedded database fails to start: that is no failure to whoever told it. */
export const interruptible = async <T>(signal: AbortSignal, opening: Promise<T>): Promise<T> => {
  try {
    return await opening;
  } catch (error) {
    throw signal.aborted ? new Interrupted('Interrupted before it had started.') : error;
  }
};

/**
 * Opens the service beside a running one, or by itself, and closes it whatever happens.
 * @param makes whether to begin a database where there is none: a mistyped folder or name would look like an empty one
 */
export const withReellog = async <T>(
  signal: AbortSignal,
  work: (reellog: Reellog, logger: Logger) => Promise<T>,
  options: Pick<StorageOptions, 'makes' | 'inThreads'> = {},
): Promise<T> => {
  const { config, logger } = startUp();
  const opening = openReellog(config, {
    ...{ logger, signal, embedded: 'join', makes: false },
    ...options,
  });
  const reellog = await interruptible(signal, opening);
  try {
    return await work(reellog, logger);
  } finally {
    await reellog.close();
  }
};

/** Opens the migrated database alone, and begins one where there is none. */
export const withDatabase = async <T>(
  signal: AbortSignal,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  const { config, logger } = startUp();
  const options = { logger, signal, embedded: 'join', makes: true } as const;
  const storage = await interruptible(signal, openStorage(config, options));
  try {
    return await work(storage.database);
  } finally {
    await storage.close();
  }
};
