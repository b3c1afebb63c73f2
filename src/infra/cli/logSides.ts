import type { EventStore } from '../../commands/ports/eventStore.js';
import { openLog, type OpenOptions } from '../composition.js';
import { configFrom, type Config } from '../config/config.js';
import { InvalidSetting } from '../config/settings.js';
import type { CopySide } from '../eventstore/copy/copyLog.js';
import type { CopyTarget } from '../eventstore/copy/copyTarget.js';
import { toPostgres } from '../eventstore/copy/toPostgres.js';
import { holdsDatabase } from '../postgres/placement.js';
import { UsageError } from './exitCodes.js';

/** Both ends of a copy, open. */
export interface OpenSides {
  readonly source: CopySide<EventStore>;
  readonly target: CopySide<CopyTarget>;
  close(): Promise<void>;
}

/** What a log is opened with that is in PostgreSQL. */
const configOf = (option: string, url: string, config: Config): Config => {
  const embedded = { ...config, databaseUrl: undefined, eventStoreUrl: undefined };
  if (url === 'embedded') return embedded;
  if (url.startsWith('embedded:')) return { ...embedded, dataDir: url.slice('embedded:'.length) };
  // Not quoted, for it may hold a password.
  const form = `${option} must be postgresql://user:password@host/database, embedded, or embedded:FOLDER.`;
  try {
    const { databaseUrl } = configFrom({ DATABASE_URL: url });
    if (databaseUrl !== undefined) return { ...embedded, databaseUrl };
  } catch (error) {
    if (!(error instanceof InvalidSetting)) throw error;
  }
  throw new UsageError(form);
};

/**
 * Opens the logs that two addresses name, beside a running service where there is one.
 * @throws {UsageError} an address means nothing, or there is no log at the source
 */
export const openSides = async (
  addresses: { readonly from: string; readonly to: string },
  config: Config,
  options: OpenOptions,
): Promise<OpenSides> => {
  const from = configOf('--from', addresses.from, config);
  const to = configOf('--to', addresses.to, config);
  if (from.databaseUrl === undefined && !(await holdsDatabase(from.dataDir))) {
    throw new UsageError(`There is no database in ${from.dataDir} to copy from.`);
  }
  const source = await openLog(from, options);
  try {
    const target = await openLog(to, options);
    return {
      source: { log: source.log, keeper: source.database },
      target: { log: toPostgres(target.log, target.database), keeper: target.database },
      close: async () => {
        await target.close();
        await source.close();
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
};
