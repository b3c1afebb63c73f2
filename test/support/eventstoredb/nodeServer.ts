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

/** As the server: an event of 16 MiB that was written inside it can be read by clients. */
const unlimited = -1;

export const createNodeServer = ({
  interceptors,
  http,
  ...listening
}: NodeServerOptions): NodeServer => {
  const grpc = new Server({
    interceptors: [...interceptors],
    'grpc.max_receive_message_length': unlimited,
    'grpc.max_send_message_length': unlimited,
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
