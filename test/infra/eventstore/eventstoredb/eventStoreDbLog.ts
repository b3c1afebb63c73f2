import { randomUUID } from 'node:crypto';
import {
  openEventStoreDb,
  type EventStoreDbLog,
} from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import type { MirroredEventStore } from '../../../../src/infra/eventstore/mirror/mirroredEventStore.js';
import { openMirroredLog } from '../../../../src/infra/eventstore/mirror/openMirroredLog.js';
import { openDatabase } from '../../../../src/infra/postgres/database.js';
import { freshDatabase } from '../../../support/postgres/database.js';
import {
  startEventStoreDouble,
  type EventStoreDouble,
  type EventStoreDoubleOptions,
} from '../../../support/eventstoredb/double.js';
import { testLogger } from '../../../support/run/logger.js';
import type { LogUnderTest, OpenedStore } from '../contract/log.js';

/** A server's log, as a process of its own would open it. */
export const openServer = (connectionString: string, streamPrefix = ''): EventStoreDbLog =>
  openEventStoreDb({ connectionString, streamPrefix, logger: testLogger });

/** The same with its mirror. */
export interface OpenedMirrored extends OpenedStore {
  readonly store: MirroredEventStore;
}

/** A server's log with the database that its mirror is in. */
export interface MirroredLog extends LogUnderTest {
  readonly connectionString: string;
  open(): Promise<OpenedMirrored>;
}

/** A log on a double of its own. */
export interface DoubleLog extends MirroredLog {
  readonly double: EventStoreDouble;
  /** Without the mirror. */
  openServer(): EventStoreDbLog;
}

/** A log on a server that is there, with a database of its own. */
export const mirroredLog = async (url: string, streamPrefix = ''): Promise<MirroredLog> => {
  const fresh = await freshDatabase();
  const { connectionString } = fresh;
  return {
    connectionString,
    open: async () => {
      const database = openDatabase({ connectionString, maxConnections: 4, logger: testLogger });
      try {
        const store = await openMirroredLog({
          ...{ database, logger: testLogger, keptBy: 'this' },
          log: openServer(url, streamPrefix),
        });
        return {
          store,
          tables: store.tables,
          close: async () => {
            await store.close();
            await database.close();
          },
        };
      } catch (error) {
        await database.close();
        throw error;
      }
    },
    remove: () => fresh.drop(),
  };
};

export const doubleLog = async (
  options: EventStoreDoubleOptions = {},
  streamPrefix = '',
): Promise<DoubleLog> => {
  const double = await startEventStoreDouble(options);
  const log = await mirroredLog(double.connectionString, streamPrefix);
  return {
    ...log,
    double,
    openServer: () => openServer(double.connectionString, streamPrefix),
    remove: async () => {
      await log.remove();
      await double.close();
    },
  };
};

/** A log on a server that is not only for tests, kept apart by its streams' names; its events stay, and are nobody's. */
export const serverLog = (connectionString: string): Promise<MirroredLog> =>
  mirroredLog(connectionString, `test${randomUUID().replaceAll('-', '')}.`);
