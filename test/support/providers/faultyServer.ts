import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server does to its next answers, each once. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection ends before an answer does. */
  | 'cut'
  /** No answer at all. */
  | 'hung'
  | 'no-json'
  /** An answer that never ends. */
  | 'endless';

/** What came in, as far as tests ask. */
export interface Received {
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
}

/** A server on loopback that answers as told, with faults on request. */
export interface FaultyServer {
  readonly url: string;
  readonly received: readonly Received[];
  /** Forgets what was received. */
  forget(): void;
  /** Faults of the next requests, in their order. */
  next(...faults: readonly Fault[]): void;
  /** One fault of all requests from now on; `undefined` ends it. */
  always(fault: Fault | undefined): void;
  close(): Promise<void>;
}

/** @param answer answers a request that has no fault */
export const startFaultyServer = async (
  answer: (url: URL, request: IncomingMessage, response: ServerResponse) => void,
): Promise<FaultyServer> => {
  const received: Received[] = [];
  const faults: Fault[] = [];
  let lasting: Fault | undefined;
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    received.push({ url, headers: request.headers });
    const fault = faults.shift() ?? lasting;
    if (fault === undefined) answer(url, request, response);
    else failAs(fault, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    forget: () => {
      received.length = 0;
    },
    next: (...more) => void faults.push(...more),
    always: (fault) => {
      lasting = fault;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const failAs = (fault: Fault, response: ServerResponse): void => {
  switch (fault) {
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"title": "The', () => response.destroy());
      return;
    case 'hung':
      return;
    case 'no-json':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to the hotel</h1>');
      return;
    case 'endless': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        if (!response.destroyed) response.write('[0,'.repeat(20_000), more);
      };
      more();
      return;
    }
    default:
      response.writeHead(fault.status, fault.headers).end('{}');
  }
};

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
};
