import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { pause, unlessStopped } from '../../commands/ports/waiting.js';
import { version } from '../version.js';
import type { AllowedOrigin } from './addresses.js';
import { createOneRequest, type Answered, type RequestLimits } from './oneRequest.js';
import { isOutage, isTransient, OutgoingFailure } from './outgoingFailure.js';

/** A provider that is asked over HTTP. */
export interface Provider {
  /** As logs, metrics and messages call it. */
  readonly name: string;
  /** What paths are appended to: `https://api.example.org/3`. */
  readonly baseUrl: string;
  /** The origins that may be asked, that of `baseUrl` and those of redirects. */
  readonly origins: readonly AllowedOrigin[];
  readonly headers: Readonly<Record<string, string>>;
  /** What each query has beside the caller's. */
  readonly query?: Readonly<Record<string, string>>;
  readonly perSecond: number;
  readonly atOnce: number;
  readonly limits: RequestLimits;
  /** Before it is asked again after a failure, in milliseconds; default 250, and twice as much the next time. */
  readonly firstRetryMs?: number;
}

/** One attempt, as those see it who measure: its path may name things, its query has keys and is left out. */
export interface OutgoingAttempt {
  readonly provider: string;
  readonly url: URL;
}

/** Measures and traces attempts. */
export type OutgoingObserver = <T extends { readonly status: number }>(
  attempt: OutgoingAttempt,
  work: () => Promise<T>,
) => Promise<T>;

/** What adapters of providers ask with. */
export interface Outgoing {
  /**
   * The JSON of a path. Those who ask for the same at the same time share one answer; transient failures are tried
   * again, as late as the provider says.
   * @throws {OutgoingFailure} {EventStoreError} `aborted` or `timeout`, at the caller's signal
   */
  getJson(path: string, options: Asked): Promise<unknown>;
  /** The bytes of a path, whatever they are; nothing is kept or shared. @throws likewise */
  getBytes(path: string, options: Asked): Promise<Uint8Array>;
  /** Stops what is under way. */
  close(): Promise<void>;
}

interface Asked {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly signal: AbortSignal;
}

const RETRIES = 2;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
/** Whoever asks to be left alone for longer is not waited for. */
const LONGEST_RETRY_AFTER_MS = 30_000;
const OUTAGES_UNTIL_OPEN = 5;
const FIRST_OPEN_MS = 5_000;
const LAST_OPEN_MS = 120_000;
/** Answers kept to be asked for by their ETag. */
const KEPT_BYTES = 20_000_000;

export const createOutgoing = (
  provider: Provider,
  {
    logger,
    observer = (_, work) => work(),
  }: { readonly logger: Logger; readonly observer?: OutgoingObserver | undefined },
): Outgoing => {
  const { name } = provider;
  const request = createOneRequest(name, provider.origins, provider.limits);
  const queue = new PQueue({
    concurrency: provider.atOnce,
    interval: 1_000,
    intervalCap: provider.perSecond,
  });
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof OutgoingFailure && isOutage(error.failure)),
    {
      breaker: new ConsecutiveBreaker(OUTAGES_UNTIL_OPEN),
      halfOpenAfter: new ExponentialBackoff({
        initialDelay: FIRST_OPEN_MS,
        maxDelay: LAST_OPEN_MS,
      }),
    },
  );
  breaker.onBreak(() => {
    logger.warn(
      { provider: name },
      'a provider fails again and again: it is not asked for a while',
    );
  });
  breaker.onReset(() => {
    logger.info({ provider: name }, 'a provider answers again');
  });
  const kept = new LRUCache<string, { readonly etag: string; readonly json: unknown }>({
    maxSize: KEPT_BYTES,
  });
  const shared = new Map<string, Promise<unknown>>();
  const closing = new AbortController();
  const { signal: closed } = closing;
  let leftAloneUntil = 0;
  let keyRefused = false;

  const attempt = async (
    url: URL,
    { accept, etag }: { readonly accept: string; readonly etag?: string | undefined },
  ): Promise<Answered> => {
    await pause(leftAloneUntil - Date.now(), closed);
    const headers = {
      accept,
      'user-agent': `Reellog/${version}`,
      ...provider.headers,
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    };
    try {
      const answer = await breaker.execute(() =>
        observer({ provider: name, url }, () => request.get(url, headers, closed)),
      );
      keyRefused = false;
      return answer;
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw new OutgoingFailure(
          name,
          { kind: 'circuit-open' },
          'is not asked for a while, because it failed again and again',
          { cause: error },
        );
      }
      if (error instanceof OutgoingFailure) noteRefusals(error);
      throw error;
    }
  };

  const noteRefusals = ({ failure }: OutgoingFailure): void => {
    if (failure.kind !== 'status') return;
    if (failure.retryAfterMs !== undefined && failure.retryAfterMs <= LONGEST_RETRY_AFTER_MS) {
      leftAloneUntil = Math.max(leftAloneUntil, Date.now() + failure.retryAfterMs);
    }
    if ((failure.status === 401 || failure.status === 403) && !keyRefused) {
      keyRefused = true;
      logger.error(
        { provider: name, status: failure.status },
        'a provider refuses the key that is configured for it',
      );
    }
  };

  const attempts = (url: URL, wanted: Parameters<typeof attempt>[1]): Promise<Answered> =>
    pRetry(() => queue.add(() => attempt(url, wanted), { signal: closed }), {
      retries: RETRIES,
      minTimeout: provider.firstRetryMs ?? FIRST_RETRY_MS,
      maxTimeout: LAST_RETRY_MS,
      randomize: true,
      signal: closed,
      shouldRetry: ({ error }) =>
        error instanceof OutgoingFailure &&
        isTransient(error.failure) &&
        !(
          error.failure.kind === 'status' &&
          (error.failure.retryAfterMs ?? 0) > LONGEST_RETRY_AFTER_MS
        ),
    });

  const ask = async (url: URL): Promise<unknown> => {
    const before = kept.get(url.href);
    const answer = await attempts(url, { accept: 'application/json', etag: before?.etag });
    if (answer.status === 304 && before) return before.json;
    const json = jsonOf(name, answer.body);
    if (answer.etag !== undefined) {
      const size = Math.max(1, answer.body.byteLength);
      kept.set(url.href, { etag: answer.etag, json }, { size });
    }
    return json;
  };

  return {
    getJson: (path, { query = {}, signal }) => {
      const url = urlOf(provider, path, query);
      let answer = shared.get(url.href);
      if (!answer) {
        answer = ask(url).finally(() => shared.delete(url.href));
        shared.set(url.href, answer);
      }
      return unlessStopped(answer, signal);
    },
    getBytes: async (path, { query = {}, signal }) => {
      const asked = attempts(urlOf(provider, path, query), { accept: '*/*' });
      return (await unlessStopped(asked, signal)).body;
    },
    close: async () => {
      closing.abort();
      queue.clear();
      await request.close();
    },
  };
};

/** @throws {OutgoingFailure} `malformed` */
const jsonOf = (provider: string, body: Buffer): unknown => {
  try {
    // Some begin with a byte order mark, which is no JSON.
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new OutgoingFailure(provider, { kind: 'malformed' }, 'the answer is no JSON', { cause });
  }
};

const urlOf = (
  { baseUrl, query: always = {} }: Provider,
  path: string,
  query: NonNullable<Asked['query']>,
): URL => {
  const url = new URL(`${baseUrl.replace(/\/$/, '')}${path}`);
  for (const [field, value] of Object.entries({ ...always, ...query })) {
    if (value !== undefined) url.searchParams.set(field, String(value));
  }
  return url;
};
