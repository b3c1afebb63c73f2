import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';

/** A listening server. */
export interface HttpServer {
  readonly url: string;
  /**
   * Takes no more connections, lets requests in hand finish, closes idle connections; after the limit closes
   * the rest.
   */
  close(limitMs: number): Promise<void>;
}

/** The address cannot be listened on. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

const IDLE_SWEEP_MS = 20;

/**
 * A server that slow clients do not hold up: a request that has not come in whole in time is answered with 408, and a
 * connection that takes nothing of an answer for as long is cut. One that waits for its answer, or for the next event
 * of a stream, is left alone.
 */
export const createTimedServer = (clientMs: number, handler: RequestListener): Server => {
  const server = createServer(
    {
      headersTimeout: clientMs,
      requestTimeout: clientMs,
      // How far beyond the limit a request may come to be; Node looks every 30 s.
      connectionsCheckingInterval: Math.max(20, Math.round(clientMs / 20)),
    },
    handler,
  );
  server.timeout = clientMs;
  server.on('request', (_, response) => {
    // While there is a listener, Node itself does not close what is silent.
    response.on('timeout', cutIfNotTaken);
  });
  return server;
};

/** It is told when a socket has neither sent nor got anything for the whole time. */
const cutIfNotTaken = (socket: Socket): void => {
  if (socket.writableLength > 0) socket.destroy();
};

/** Starts to serve. @throws {CannotListen} */
export const startHttpServer = async (options: {
  readonly app: Express;
  readonly host: string;
  readonly port: number;
  /** How long a request may take to arrive, and a client to take something of an answer, in milliseconds. */
  readonly clientMs: number;
}): Promise<HttpServer> => {
  const { app, host, port, clientMs } = options;
  const server = createTimedServer(clientMs, app);
  await listening(server, { host, port, setting: 'PORT' });
  const { port: chosen } = server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${chosen}`,
    close: (limitMs) => (closing ??= drain(server, limitMs)),
  };
};

/** Listens on an address. @param setting what to set to another port, where this one is taken. @throws {CannotListen} */
export const listening = (
  server: Server,
  {
    host,
    port,
    setting,
  }: { readonly host: string; readonly port: number; readonly setting: string },
): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `another program listens there. Set ${setting} to another one`
          : cause.message;
      reject(new CannotListen(`Cannot listen on ${host}:${port}: ${why}.`, { cause }));
    });
    server.listen(port, host, resolve);
  });

const drain = (server: Server, limitMs: number): Promise<void> =>
  new Promise((resolve) => {
    // Answers to requests in hand say so, and clients open no new requests on their connections.
    server.prependListener('request', (_, response) => {
      response.setHeader('Connection', 'close');
    });
    const sweep = setInterval(() => {
      server.closeIdleConnections();
    }, IDLE_SWEEP_MS);
    const limit = setTimeout(() => {
      server.closeAllConnections();
    }, limitMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(limit);
      resolve();
    });
    server.closeIdleConnections();
  });
