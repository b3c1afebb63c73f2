import type { EventStore } from '../../../commands/ports/eventStore.js';
import type { EventStoreDbLog } from '../../eventstore/eventstoredb/eventStoreDbLog.js';
import { readInOrder } from '../../eventstore/eventstoredb/reads/readInOrder.js';
import { configFrom, type Config } from '../../config/config.js';
import { InvalidSetting } from '../../config/settings.js';
import { byAppending } from '../../eventstore/copy/byAppending.js';
import type { CopySide } from '../../eventstore/copy/copyLog.js';
import type { CopiedLog, CopyTarget } from '../../eventstore/copy/copyTarget.js';
import { toPostgres } from '../../eventstore/copy/toPostgres.js';
import { logIdentity } from '../../eventstore/postgres/logIdentity.js';
import type { Database } from '../../postgres/database.js';
import { holdsDatabase } from '../../postgres/embedded/placement.js';
import {
  openEventStoreDbLog,
  openLog,
  openStorage,
  type StorageOptions,
} from '../../composition/storage.js';
import { UsageError } from '../exitCodes.js';

/** Both ends of a copy, open. */
export interface OpenSides {
  readonly source: CopySide<CopiedLog>;
  /** How many events the source has; `undefined` where that is not known before it is read. */
  readonly sourceEvents: () => Promise<number | undefined>;
  readonly target: CopySide<CopyTarget>;
  close(): Promise<void>;
}

/** The settings of a service that has its log at this address. */
const configAt = (option: string, address: string, config: Config): Config => {
  const nowhere = { ...config, databaseUrl: undefined, eventStoreUrl: undefined };
  if (address === 'embedded') return nowhere;
  if (address.startsWith('embedded:')) return { ...nowhere, dataDir: address.slice(9) };
  try {
    const variable = /^(esdb|kurrent|kdb)/i.test(address)
      ? 'REELLOG_EVENTSTORE_URL'
      : 'DATABASE_URL';
    const { databaseUrl, eventStoreUrl } = configFrom({ [variable]: address });
    if (eventStoreUrl !== undefined) return { ...config, eventStoreUrl };
    if (databaseUrl !== undefined) return { ...nowhere, databaseUrl };
  } catch (error) {
    if (!(error instanceof InvalidSetting)) throw error;
    throw new UsageError(`${option}: ${error.message}`);
  }
  throw new UsageError(`${option} must be an address: see "reellog log copy --help".`);
};

/**
 * Opens the logs that two addresses name, beside a running service where there is one. What a log in EventStoreDB
 * has its keys and read models beside is the database of the settings, else that of the other log.
 * @throws {UsageError} an address means nothing, or there is no log at the source
 */
export const openSides = async (
  addresses: { readonly from: string; readonly to: string },
  config: Config,
  options: StorageOptions,
): Promise<OpenSides> => {
  const from = configAt('--from', addresses.from, config);
  const to = configAt('--to', addresses.to, config);
  const opened: { close(): Promise<void> }[] = [];
  const databases = new Map<string, Database>();

  const owned = <Opened extends { close(): Promise<void> }>(one: Opened): Opened => {
    opened.unshift(one);
    return one;
  };
  /** The same for every way that leads to one database. */
  const known = async (database: Database): Promise<Database> => {
    const identity = await logIdentity(database);
    const first = databases.get(identity) ?? database;
    databases.set(identity, first);
    return first;
  };
  const configured = async (): Promise<Database | undefined> =>
    config.databaseUrl !== undefined || (await holdsDatabase(config.dataDir))
      ? known(owned(await openStorage(config, { ...options, makes: true })).database)
      : undefined;

  const onServer = async (place: Config): Promise<EventStoreDbLog & CopiedLog> => {
    const log = owned(await openEventStoreDbLog(place, options));
    const reads = owned(readInOrder(log));
    return { ...log, readAll: (options) => reads.readAll(options) };
  };
  let counted: EventStore | undefined;
  const openSource = async (): Promise<CopySide<CopiedLog>> => {
    if (from.eventStoreUrl !== undefined) {
      return side(await onServer(from), await configured());
    }
    if (from.databaseUrl === undefined && !(await holdsDatabase(from.dataDir))) {
      throw new UsageError(`There is no database in ${from.dataDir} to copy from.`);
    }
    const { log, database } = owned(await openLog(from, options));
    counted = log;
    return side(log, await known(database));
  };
  const openTarget = async (source: Database | undefined): Promise<CopySide<CopyTarget>> => {
    if (to.eventStoreUrl !== undefined) {
      const log = byAppending(await onServer(to));
      return side(log, config.databaseUrl === undefined ? source : await configured());
    }
    const { log, database } = owned(await openLog(to, { ...options, makes: true }));
    return side(toPostgres(log, database), await known(database));
  };
  const close = async (): Promise<void> => {
    for (const one of opened) await one.close();
  };

  try {
    const source = await openSource();
    const target = await openTarget(source.keeper);
    // In PostgreSQL the position is the number of the event.
    const sourceEvents = async () => counted && Number(await counted.headPosition());
    return { source, sourceEvents, target, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const side = <Log>(log: Log, keeper: Database | undefined): CopySide<Log> => ({
  log,
  ...(keeper ? { keeper } : {}),
});
