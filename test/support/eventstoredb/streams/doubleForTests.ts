import { EventStoreDBClient } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { credentials } from '@grpc/grpc-js';

import { startEventStoreDouble, type EventStoreDouble } from '../double.js';
import type { EventStoreDoubleOptions } from '../double.js';

/** A double that the tests of one `describe` share, and clients that end with it. */
export interface DoubleForTests {
  readonly double: EventStoreDouble;
  /** The client that applications use, as `admin`. */
  readonly client: EventStoreDBClient;
  /** Another of these. */
  another(connectionString?: string): EventStoreDBClient;
  /** gRPC itself, for what no client says. */
  readonly rpc: StreamsClient;
}

export const useDouble = (options: EventStoreDoubleOptions = {}): DoubleForTests => {
  const clients: EventStoreDBClient[] = [];
  let started: EventStoreDouble | undefined;
  let first: EventStoreDBClient | undefined;
  let rpc: StreamsClient | undefined;

  const theDouble = (): EventStoreDouble => {
    if (started === undefined) throw new Error('The double is not there before the tests are.');
    return started;
  };
  const another = (connectionString = theDouble().connectionString): EventStoreDBClient => {
    const client = EventStoreDBClient.connectionString(connectionString);
    clients.push(client);
    return client;
  };

  before(async () => {
    started = await startEventStoreDouble(options);
  });

  after(async () => {
    rpc?.close();
    await Promise.all(clients.map((client) => client.dispose()));
    await started?.close();
  });

  return {
    get double() {
      return theDouble();
    },
    get client() {
      first ??= another();
      return first;
    },
    another,
    get rpc() {
      const [node] = theDouble().nodes;
      const address = `${node?.address ?? ''}:${String(node?.port ?? 0)}`;
      rpc ??= new StreamsClient(address, credentials.createInsecure());
      return rpc;
    },
  };
};
