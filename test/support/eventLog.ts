import { createHash } from 'node:crypto';
import type { EventStore } from '../../src/commands/ports/eventStore.js';
import type { Config } from '../../src/infra/config/config.js';
import { createPostgresEventStore } from '../../src/infra/eventstore/postgres/postgresEventStore.js';
import type { Database } from '../../src/infra/postgres/database.js';
import { testLogger } from './logger.js';

/**
 * Which log this run is about: the one in PostgreSQL, or with `TEST_EVENT_LOG=eventstoredb` one in EventStoreDB, on
 * the server of `TEST_EVENTSTORE_URL` or else on a double of the run's own. Beside each database there is one.
 */
interface LogsInEventStoreDb {
  readonly connectionString: string;
  open(streamPrefix: string): OpenEventLog;
  close(): Promise<void>;
}

/** The log of a database, as its adapter gives it. */
export type OpenEventLog = EventStore & { close(): Promise<void> };

const openInEventStoreDb = async (): Promise<LogsInEventStoreDb> => {
  // Nothing of it is loaded where the log is in PostgreSQL.
  const { createEventStoreDbEventStore } =
    await import('../../src/infra/eventstore/eventstoredb/eventStoreDbEventStore.js');
  const { startEventStoreDouble } = await import('./eventstoredb/double.js');
  const url = process.env.TEST_EVENTSTORE_URL;
  const double = url === undefined ? await startEventStoreDouble() : undefined;
  const connectionString = double?.connectionString ?? url ?? '';
  return {
    connectionString,
    open: (streamPrefix) =>
      createEventStoreDbEventStore({ connectionString, streamPrefix, logger: testLogger }),
    close: async () => {
      await double?.close();
    },
  };
};

const inEventStoreDb =
  process.env.TEST_EVENT_LOG === 'eventstoredb' ? await openInEventStoreDb() : undefined;

/** Nobody else has a database, or a data folder, of this name; so nobody has such streams. */
const prefixOf = (place: string): string =>
  `test_${createHash('sha256').update(place).digest('hex').slice(0, 20)}.`;

/**
 * Where the log is that belongs to a database, as the service is told.
 * @param place the database's connection string, or the data folder that it will be in
 */
export const logPlaceOf = (
  place: string,
): Partial<Pick<Config, 'eventStoreUrl' | 'eventStorePrefix'>> =>
  inEventStoreDb
    ? { eventStoreUrl: inEventStoreDb.connectionString, eventStorePrefix: prefixOf(place) }
    : {};

/** The same as environment variables, for processes. */
export const logVariablesOf = (place: string): Readonly<Record<string, string>> =>
  inEventStoreDb
    ? {
        EVENTSTORE_URL: inEventStoreDb.connectionString,
        EVENTSTORE_STREAM_PREFIX: prefixOf(place),
      }
    : {};

/** What a process of the tests' own needs to open the same logs. */
export const testVariables = (): NodeJS.ProcessEnv =>
  inEventStoreDb
    ? { ...process.env, TEST_EVENTSTORE_URL: inEventStoreDb.connectionString }
    : process.env;

/** Opens the log that belongs to a database, as a process of its own does. */
export const openEventLog = (database: Database, connectionString: string): OpenEventLog =>
  inEventStoreDb
    ? inEventStoreDb.open(prefixOf(connectionString))
    : createPostgresEventStore({ database, logger: testLogger });

/** Ends the run's double; called once, after the last test. */
export const closeEventLogs = async (): Promise<void> => {
  await inEventStoreDb?.close();
};
