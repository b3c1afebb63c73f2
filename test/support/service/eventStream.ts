import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { HttpAnswer } from './httpClient.js';

/** One server-sent event as it came. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** A stream of server-sent events, read at the pace of the test. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next event; `undefined` at the end. */
  next(): Promise<ReceivedEvent | undefined>;
  /** All that has come until now, comments and all. */
  text(): string;
  /** Takes nothing more from the connection, and leaves it open. */
  stall(): void;
  /** Whether the answer came to its proper end. */
  readonly ended: Promise<boolean>;
  close(): void;
}

interface StreamRequest {
  readonly url: string;
  readonly method?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly lastEventId?: string;
}

/** Asks for a stream of events. */
export const openEventStream = async (request: StreamRequest): Promise<EventStream> => {
  const { url, method = 'GET', token, headers = {}, lastEventId } = request;
  const outgoing = httpRequest(url, {
    method,
    agent: false,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    },
  });
  outgoing.end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.setEncoding('utf8');
  let text = '';
  let read = 0;
  let wake: () => void = () => undefined;
  const ended = new Promise<boolean>((resolve) => {
    answer.once('close', () => {
      resolve(answer.complete);
      wake();
    });
  });
  const take = (part: string): void => {
    text += part;
    wake();
  };
  answer.on('data', take);
  // Cut off: told by `ended`.
  answer.on('error', () => undefined);
  /** The next message with data, if it has come in whole. */
  const arrived = (): ReceivedEvent | undefined => {
    for (;;) {
      const end = text.indexOf('\n\n', read);
      if (end < 0) return undefined;
      const lines = text.slice(read, end).split('\n');
      read = end + 2;
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data');
      if (data !== undefined) {
        return {
          ...{ id: field('id') ?? '', event: field('event') ?? '' },
          data: JSON.parse(data) as unknown,
        };
      }
    }
  };
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    next: async () => {
      for (;;) {
        const event = arrived();
        if (event !== undefined || answer.closed) return event;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    text: () => text,
    stall: () => {
      answer.pause();
    },
    ended,
    close: () => {
      outgoing.destroy();
    },
  };
};

/** How a stream begins, as an answer: its head, and what has come with the first event. */
export const beginOf = async (request: StreamRequest): Promise<HttpAnswer> => {
  const stream = await openEventStream(request);
  try {
    const begun = await stream.next();
    const text = stream.text();
    const isJson = (stream.headers['content-type'] ?? '').includes('json');
    return {
      ...{ status: stream.status, headers: stream.headers, text },
      json: isJson ? (JSON.parse(text) as unknown) : begun?.data,
    };
  } finally {
    stream.close();
  }
};
