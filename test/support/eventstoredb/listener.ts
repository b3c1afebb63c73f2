import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createServer as createTlsServer,
  type PeerCertificate,
  type SecureContextOptions,
} from 'node:tls';

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
  /** Cuts every connection, and takes new ones. */
  readonly drop: () => void;
  /** Cuts every connection; the port refuses until it is opened again. */
  shut(): Promise<void>;
  /** While deaf, new connections are taken and never answered. */
  deaf: boolean;
}

export interface ListenerOptions {
  /** 0 is any free port. */
  readonly port: number;
  readonly tls: SecureContextOptions | undefined;
  readonly protocols: Protocols;
}

const address = '127.0.0.1';

/** HTTP/2 without TLS begins with these bytes, and no HTTP/1 request does. */
const http2Preface = 'PRI * HTTP/2.0';

/** Looks at the first bytes of a connection in the clear, and gives it to who understands them. */
const sortOut = (socket: Socket, protocols: Protocols): void => {
  socket.once('data', (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    if (first.toString('latin1').startsWith(http2Preface)) {
      protocols.http2(socket);
    } else {
      protocols.http1(socket);
      socket.resume();
    }
  });
};

const isShown = (certificate: Partial<PeerCertificate>): boolean => certificate.raw !== undefined;

/** Listens on one port for HTTP/1 and HTTP/2, as the server does, in the clear or over TLS. */
export const createListener = ({ port, tls, protocols }: ListenerOptions): Listener => {
  const connections = new Set<Socket>();
  let bound = port;
  let deaf = false;

  const track = (socket: Socket): void => {
    connections.add(socket);
    // A connection that is cut ends with an error here: that is what was wanted.
    socket.on('error', () => undefined);
    socket.once('close', () => connections.delete(socket));
  };

  const listenInTheClear = (): Server =>
    createServer((socket) => {
      track(socket);
      if (!deaf) sortOut(socket, protocols);
    });

  const listenOverTls = (options: SecureContextOptions): Server =>
    createTlsServer(
      {
        ...options,
        ALPNProtocols: ['h2', 'http/1.1'],
        requestCert: true,
        rejectUnauthorized: false,
      },
      (socket) => {
        socket.on('error', () => undefined);
        if (deaf) return;
        // A client needs no certificate; one that it shows must be the CA's.
        if (!socket.authorized && isShown(socket.getPeerCertificate())) socket.destroy();
        else if (socket.alpnProtocol === 'h2') protocols.http2(socket);
        else protocols.http1(socket);
      },
    )
      .on('connection', track)
      .on('tlsClientError', () => undefined);

  const server = tls === undefined ? listenInTheClear() : listenOverTls(tls);

  const drop = (): void => {
    for (const socket of connections) socket.destroy();
  };

  return {
    open: async () => {
      if (server.listening) return;
      server.listen(bound, address);
      await once(server, 'listening');
      bound = (server.address() as AddressInfo).port;
    },
    get port() {
      return bound;
    },
    get deaf() {
      return deaf;
    },
    set deaf(value) {
      deaf = value;
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
