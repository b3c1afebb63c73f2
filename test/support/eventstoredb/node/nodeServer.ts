import { createServer, type RequestListener } from 'node:http';

import {
  Server,
  ServerCredentials,
  type ServerInterceptor,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

import { createListener, type Listener, type ListenerOptions } from './listener.js';

/** A service and what answers its calls. */
export type Served = readonly [ServiceDefinition, UntypedServiceImplementation];

export interface NodeServerOptions extends Omit<ListenerOptions, 'protocols'> {
  readonly interceptors: readonly ServerInterceptor[];
  readonly http: RequestListener;
}

/** One node's servers, gRPC and HTTP, behind one port. */
export interface NodeServer extends Listener {
  serve(services: readonly Served[]): void;
  /** Ends every call and gives the port back. */
  readonly close: () => Promise<void>;
}

/**
 * As the server has them: no limit to a message, since an event of 16 MiB that was written inside it
 * can be read by clients; Kestrel's 100 calls at once on a connection, the next one waiting for one
 * of them to end; and a ping when nothing came for ten seconds.
 */
const limits = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.max_concurrent_streams': 100,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

export const createNodeServer = ({
  interceptors,
  http,
  ...listening
}: NodeServerOptions): NodeServer => {
  const grpc = new Server({
    interceptors: [...interceptors],
    ...limits,
  });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const web = createServer(http);
  const listener = createListener({
    ...listening,
    protocols: {
      http2: (connection) => {
        injector.injectConnection(connection);
      },
      http1: (connection) => {
        web.emit('connection', connection);
      },
    },
  });

  return {
    ...listener,
    get port() {
      return listener.port;
    },
    get deaf() {
      return listener.deaf;
    },
    set deaf(deaf) {
      listener.deaf = deaf;
    },
    get frozen() {
      return listener.frozen;
    },
    set frozen(frozen) {
      listener.frozen = frozen;
    },
    serve: (services) => {
      for (const [definition, implementation] of services) {
        if (Object.keys(definition).length > 0) grpc.addService(definition, implementation);
      }
    },
    close: async () => {
      const shut = listener.shut();
      grpc.forceShutdown();
      web.closeAllConnections();
      await shut;
    },
  };
};
