import { createPostgresEventStore } from '../../../../src/infra/eventstore/postgres/postgresEventStore.js';
import { openDatabase, type Database } from '../../../../src/infra/postgres/database.js';
import { freshDatabase } from '../../../support/postgres/database.js';
import { testLogger } from '../../../support/run/logger.js';
import type { LogUnderTest, OpenedStore } from '../contract/log.js';

/** A log in a database of its own, to which its adapters connect as processes of their own would. */
export interface PostgresLog extends LogUnderTest {
  readonly database: Database;
  readonly connectionString: string;
  open(): OpenedStore;
}

export const openPostgresStore = (connectionString: string): OpenedStore => {
  const database = openDatabase({ connectionString, maxConnections: 5, logger: testLogger });
  const store = createPostgresEventStore({ database, logger: testLogger });
  return {
    store,
    tables: store.tables,
    close: async () => {
      await store.close();
      await database.close();
    },
  };
};

export const postgresLog = async (): Promise<PostgresLog> => {
  const fresh = await freshDatabase();
  const { connectionString, database } = fresh;
  return {
    connectionString,
    database,
    open: () => openPostgresStore(connectionString),
    remove: () => fresh.drop(),
  };
};
