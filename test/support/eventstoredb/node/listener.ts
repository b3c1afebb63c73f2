import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createServer as createTlsServer,
  type PeerCertificate,
  type SecureContextOptions,
} from 'node:tls';

import { gated, type Gate } from './gate.js';

/** What a connection is handed to, by the protocol that it speaks. */
export interface Protocols {
  readonly http2: (connection: Duplex) => void;
  readonly http1: (connection: Duplex) => void;
}

/** A port of the loopback interface that can be shut and opened again. */
export interface Listener {
  /** Opens the port: the same one each time. */
  open(): Promise<void>;
  readonly port: number;
  /** Cuts so many connections, all where absent, the oldest first, and takes new ones. */
  readonly drop: (howMany?: number) => void;
  /** Cuts every connection; the port refuses until it is opened again. */
  shut(): Promise<void>;
  /** While deaf, new connections are taken and never answered. */
  deaf: boolean;
  /** While frozen, nothing passes on any connection, new ones included, and none is cut. */
  frozen: boolean;
}

export interface ListenerOptions {
  /** 0 is any free port. */
  readonly port: number;
  readonly tls: SecureContextOptions | undefined;
  readonly protocols: Protocols;
  /** Whether the listener can freeze, for which every byte goes through our own hands. */
  readonly freezable: boolean;
}

const address = '127.0.0.1';
const ignore = (): void => undefined;

/** HTTP/2 without TLS begins with these bytes, and no HTTP/1 request does. */
const http2Preface = 'PRI * HTTP/2.0';

/** Looks at the first bytes of a connection in the clear, and gives it to who understands them. */
const sortOut = (connection: Duplex, protocols: Protocols): void => {
  connection.once('data', (first: Buffer) => {
    connection.pause();
    connection.unshift(first);
    if (first.toString('latin1').startsWith(http2Preface)) {
      protocols.http2(connection);
    } else {
      protocols.http1(connection);
      connection.resume();
    }
  });
};

const isShown = (certificate: Partial<PeerCertificate>): boolean => certificate.raw !== undefined;

/** Takes connections over TLS, whose handshake says what the client speaks. */
const overTls = (
  options: SecureContextOptions,
  protocols: Protocols,
): ((connection: Duplex) => void) => {
  const server = createTlsServer(
    { ...options, ALPNProtocols: ['h2', 'http/1.1'], requestCert: true, rejectUnauthorized: false },
    (socket) => {
      socket.on('error', ignore);
      // A client needs no certificate; one that it shows must be the CA's.
      if (!socket.authorized && isShown(socket.getPeerCertificate())) socket.destroy();
      else if (socket.alpnProtocol === 'h2') protocols.http2(socket);
      else protocols.http1(socket);
    },
  ).on('tlsClientError', ignore);
  return (connection) => server.emit('connection', connection);
};

/** Listens on one port for HTTP/1 and HTTP/2, as the server does, in the clear or over TLS. */
export const createListener = (options: ListenerOptions): Listener => {
  const { tls, protocols, freezable } = options;
  const sockets = new Set<Socket>();
  const gates = new Set<Gate>();
  let { port } = options;
  let deaf = false;
  let frozen = false;

  const take =
    tls === undefined
      ? (connection: Duplex) => {
          sortOut(connection, protocols);
        }
      : overTls(tls, protocols);

  const behindGate = (socket: Socket): Duplex => {
    const gate = gated(socket);
    gates.add(gate);
    socket.once('close', () => gates.delete(gate));
    if (frozen) gate.shut();
    return gate.connection.on('error', ignore);
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    // A connection that is cut ends with an error here: that is what was wanted.
    socket.on('error', ignore);
    socket.once('close', () => sockets.delete(socket));
    if (!deaf) take(freezable ? behindGate(socket) : socket);
  });

  const drop = (howMany = sockets.size): void => {
    for (const socket of [...sockets].slice(0, howMany)) socket.destroy();
  };

  return {
    open: async () => {
      if (server.listening) return;
      server.listen(port, address);
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo);
    },
    get port() {
      return port;
    },
    get deaf() {
      return deaf;
    },
    set deaf(value) {
      deaf = value;
    },
    get frozen() {
      return frozen;
    },
    set frozen(value) {
      if (!freezable) throw new Error('Start the double with `freezable` to freeze a node.');
      frozen = value;
      for (const gate of gates) {
        if (frozen) gate.shut();
        else gate.open();
      }
    },
    drop,
    shut: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
};
