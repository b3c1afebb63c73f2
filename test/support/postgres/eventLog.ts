import { createHash } from 'node:crypto';
import type { Config } from '../../../src/infra/config/config.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import { openEventLog as openLog, type EventLog } from '../../../src/infra/composition/storage.js';
import type { EventStoreDouble } from '../eventstoredb/double.js';
import { testLogger } from '../run/logger.js';
import { serverUnderTest } from './serverUnderTest.js';

/**
 * Which log this run is about: the one in PostgreSQL, or with `TEST_EVENT_LOG=eventstoredb` one in EventStoreDB, on
 * the server of `TEST_EVENTSTORE_URL` or else on doubles of the run's own. Beside each database there is one.
 */
interface LogsInEventStoreDb {
  /** Makes a server for the log that belongs to a place: on one for all, each reads past the events of all others. */
  prepare(place: string): Promise<void>;
  connectionStringOf(place: string): string;
  remove(place: string): Promise<void>;
  close(): Promise<void>;
}

/** Nobody else has a database, or a data folder, of this name; so nobody has such streams. */
const prefixOf = (place: string): string =>
  `test_${createHash('sha256').update(place).digest('hex').slice(0, 20)}.`;

const openInEventStoreDb = async (): Promise<LogsInEventStoreDb> => {
  // Nothing of it is loaded where the log is in PostgreSQL.
  const { startEventStoreDouble } = await import('../eventstoredb/double.js');
  const url = serverUnderTest();
  const doubles = new Map<string, EventStoreDouble>();
  /** For places that nobody prepared. */
  const forOthers = url === undefined ? await startEventStoreDouble() : undefined;
  const connectionStringOf = (place: string): string =>
    url ?? (doubles.get(place) ?? forOthers)?.connectionString ?? '';
  return {
    connectionStringOf,
    prepare: async (place) => {
      if (url === undefined) doubles.set(place, await startEventStoreDouble());
    },
    remove: async (place) => {
      await doubles.get(place)?.close();
      doubles.delete(place);
    },
    close: async () => {
      for (const double of doubles.values()) await double.close();
      await forOthers?.close();
    },
  };
};

/** Whether this run's logs are in EventStoreDB. */
export const isOnEventStoreDb = process.env.TEST_EVENT_LOG === 'eventstoredb';

const inEventStoreDb = isOnEventStoreDb ? await openInEventStoreDb() : undefined;

/** Makes room for the log that will belong to a database. */
export const prepareEventLog = async (place: string): Promise<void> => {
  await inEventStoreDb?.prepare(place);
};

/** Removes the log that belongs to a database. */
export const removeEventLog = async (place: string): Promise<void> => {
  await inEventStoreDb?.remove(place);
};

/**
 * Where the log is that belongs to a database, as the service is told.
 * @param place the database's connection string, or the data folder that it will be in
 */
export const logPlaceOf = (
  place: string,
): Partial<Pick<Config, 'eventStoreUrl' | 'eventStorePrefix'>> =>
  inEventStoreDb
    ? {
        eventStoreUrl: inEventStoreDb.connectionStringOf(place),
        eventStorePrefix: prefixOf(place),
      }
    : {};

/** The same as environment variables, for processes. */
export const logVariablesOf = (place: string): Readonly<Record<string, string>> =>
  inEventStoreDb
    ? {
        REELLOG_EVENTSTORE_URL: inEventStoreDb.connectionStringOf(place),
        REELLOG_EVENTSTORE_STREAM_PREFIX: prefixOf(place),
      }
    : {};

/** What a process of the tests' own needs to open the log that belongs to a database. */
export const testVariables = (place: string): NodeJS.ProcessEnv =>
  inEventStoreDb
    ? { ...process.env, TEST_EVENTSTORE_URL: inEventStoreDb.connectionStringOf(place) }
    : process.env;

/** Opens the log that belongs to a database, as a process of its own does. */
export const openEventLog = (database: Database, connectionString: string): Promise<EventLog> =>
  openLog(
    { eventStoreUrl: undefined, eventStorePrefix: undefined, ...logPlaceOf(connectionString) },
    { database, logger: testLogger },
  );

/** Ends the run's doubles; called once, after the last test. */
export const closeEventLogs = async (): Promise<void> => {
  await inEventStoreDb?.close();
};
