import { randomUUID } from 'node:crypto';
import {
  createEventStoreDbEventStore,
  type EventStoreDbEventStore,
} from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbEventStore.js';
import {
  startEventStoreDouble,
  type EventStoreDouble,
  type EventStoreDoubleOptions,
} from '../../../support/eventstoredb/double.js';
import { testLogger } from '../../../support/logger.js';
import type { LogUnderTest, OpenedStore } from '../contract/log.js';

/** An adapter on a server, as a process of its own would open it. */
export interface OpenedEventStoreDb extends OpenedStore {
  readonly store: EventStoreDbEventStore;
}

export const openEventStoreDb = (
  connectionString: string,
  streamPrefix = '',
): OpenedEventStoreDb => {
  const store = createEventStoreDbEventStore({
    ...{ connectionString, streamPrefix },
    logger: testLogger,
  });
  return { store, close: () => store.close() };
};

/** A log on a double of its own. */
export interface DoubleLog extends LogUnderTest {
  readonly double: EventStoreDouble;
  open(): OpenedEventStoreDb;
}

export const doubleLog = async (
  options: EventStoreDoubleOptions = {},
  streamPrefix = '',
): Promise<DoubleLog> => {
  const double = await startEventStoreDouble(options);
  return {
    double,
    open: () => openEventStoreDb(double.connectionString, streamPrefix),
    remove: () => double.close(),
  };
};

/** A log on a server that is not only for tests, kept apart by its streams' names. */
export const serverLog = (connectionString: string): LogUnderTest => {
  const streamPrefix = `test${randomUUID().replaceAll('-', '')}.`;
  return {
    open: () => openEventStoreDb(connectionString, streamPrefix),
    // Its events stay: they are nobody's.
    remove: () => Promise.resolve(),
  };
};
