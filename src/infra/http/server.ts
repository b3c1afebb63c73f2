import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const IDLE_SWEEP_MS = 20;

/** Starts to serve. @throws {CannotListen} */
export const startHttpServer = async (options: {
  readonly app: Express;
  readonly host: string;
  readonly port: number;
}): Promise<HttpServer> => {
  const { app, host, port } = options;
  const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS }, app);
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
