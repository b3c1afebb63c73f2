import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** One request as it goes over the wire; nothing is put right on the way, so that it may be a bad one. */
export interface HttpRequest {
  readonly method?: string;
  /** As it stands in the request line. */
  readonly path: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; `undefined` where it is not. */
  readonly json: unknown;
}

export interface HttpClient {
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/** Connections that stay open between requests, as clients of an API have them. */
export const openHttpClient = (url: string): HttpClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const { hostname, port } = new URL(url);
  return {
    send: ({ method = 'GET', path, token, headers = {}, body, raw }) =>
      new Promise((resolve, reject) => {
        const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
        const outgoing = httpRequest(
          {
            ...{ agent, hostname, port, method, path },
            headers: {
              ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
              ...(content === undefined
                ? {}
                : {
                    'content-type': 'application/json',
                    'content-length': String(Buffer.byteLength(content)),
                  }),
              ...Object.fromEntries(
                Object.entries(headers).map(([name, value]) => [
                  name.toLowerCase(),
                  typeof value === 'string' ? value : [...value],
                ]),
              ),
            },
          },
          (answer) => {
            const parts: Buffer[] = [];
            answer.on('data', (part: Buffer) => parts.push(part));
            answer.once('error', reject);
            answer.once('end', () => {
              const text = Buffer.concat(parts).toString('utf8');
              const status = answer.statusCode ?? 0;
              resolve({ status, headers: answer.headers, text, json: parsed(text) });
            });
          },
        );
        outgoing.once('error', reject);
        outgoing.end(content);
      }),
    close: () => {
      agent.destroy();
    },
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A member of a JSON answer, however deep: `memberOf(answer.json, 'movies', 0, 'title')`. */
export const memberOf = (json: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
    json,
  );

/** A member that is text. */
export const textOf = (json: unknown, ...path: readonly (string | number)[]): string => {
  const value = memberOf(json, ...path);
  if (typeof value !== 'string') throw new Error(`no text at ${path.join('.')}`);
  return value;
};
