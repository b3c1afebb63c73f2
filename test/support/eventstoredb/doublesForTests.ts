import {
  EventStoreDBClient,
  jsonEvent,
  type AppendToStreamOptions,
  type EventData,
} from '@eventstore/db-client';

import { startEventStoreDouble, type EventStoreDouble } from './double.js';
import type { EventStoreDoubleOptions } from './double.js';

/** Doubles and clients that end with the test that started them. */
export interface DoublesForTests {
  readonly start: (options?: EventStoreDoubleOptions) => Promise<EventStoreDouble>;
  readonly clientOf: (connectionString: string) => EventStoreDBClient;
}

export const useDoubles = (): DoublesForTests => {
  const doubles: EventStoreDouble[] = [];
  const clients: EventStoreDBClient[] = [];

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
    await Promise.all(doubles.splice(0).map((double) => double.close()));
  });

  return {
    start: async (options = {}) => {
      const double = await startEventStoreDouble(options);
      doubles.push(double);
      return double;
    },
    clientOf: (connectionString) => {
      const client = EventStoreDBClient.connectionString(connectionString);
      clients.push(client);
      return client;
    },
  };
};

/** Credentials of its own send an append through `Append`; without, it goes by `BatchAppend`. */
export const byAppend: AppendToStreamOptions = {
  credentials: { username: 'admin', password: 'changeit' },
};

export const film = (): EventData => jsonEvent({ type: 'film', data: { title: 'Stalker' } });

/** Reads to the end. */
export const count = async (events: AsyncIterable<unknown>): Promise<number> => {
  let read = 0;
  for await (const event of events) read += event === undefined ? 0 : 1;
  return read;
};
