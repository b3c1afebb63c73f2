import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** An answer with how long it took, from the request's first byte to the answer's last. */
export interface TimedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly ms: number;
}

/** Asks a service as somebody; connections are kept. */
export interface HttpClient {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<TimedAnswer>;
  put(path: string, body: unknown): Promise<TimedAnswer>;
  post(path: string, body: unknown): Promise<TimedAnswer>;
  close(): void;
}

const ANSWER_MS = 30_000;

/** A client that is light enough not to be what is measured. */
export const createHttpClient = (url: string, token: string): HttpClient => {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(url);

  const ask = (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    sent?: string,
  ): Promise<TimedAnswer> =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const request = httpRequest(
        {
          ...{ agent, hostname, port, method, path, timeout: ANSWER_MS },
          headers: { authorization: `Bearer ${token}`, ...headers },
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            body += chunk;
          });
          response.once('error', reject);
          response.once('end', () => {
            const ms = performance.now() - started;
            const { statusCode: status = 0 } = response;
            if (status < 300) resolve({ status, headers: response.headers, body, ms });
            else reject(new Error(`${method} ${path} was answered with ${status}: ${body}`));
          });
        },
      );
      request.once('timeout', () => request.destroy(new Error(`${path} was not answered in time`)));
      request.once('error', reject);
      request.end(sent);
    });

  const send = (method: 'PUT' | 'POST', path: string, body: unknown): Promise<TimedAnswer> => {
    const sent = JSON.stringify(body);
    const length = String(Buffer.byteLength(sent));
    const headers = { 'content-type': 'application/json', 'content-length': length };
    return ask(method, path, headers, sent);
  };

  return {
    get: (path, headers = {}) => ask('GET', path, headers),
    put: (path, body) => send('PUT', path, body),
    post: (path, body) => send('POST', path, body),
    close: () => {
      agent.destroy();
    },
  };
};

/** The ids of so many films of the catalogue, the same every time. */
export const filmIds = async (client: HttpClient, wanted: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null && ids.length < wanted;) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await client.get(`/api/v1/movies?limit=100${after}`);
    const page = JSON.parse(body) as {
      readonly movies: readonly { readonly id: string }[];
      readonly nextCursor: string | null;
    };
    ids.push(...page.movies.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids.slice(0, wanted);
};
