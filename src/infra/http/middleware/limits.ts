import type { Request, RequestHandler } from 'express';
import { rateLimit, type RateLimitRequestHandler, type Store } from 'express-rate-limit';
import { whoSent } from './authenticate.js';
import { clientAddress } from './clientAddress.js';
import { problem } from '../problems.js';
import { sendProblem } from '../sendProblem.js';
import { createWindowStore } from './windowStore.js';

/** How often one person or address may ask (SEMANTICS D14). 0 turns a limit off. */
export interface RateLimits {
  /** Reads of one person in 5 minutes. */
  readonly readsPer5Minutes: number;
  /** Writes of one person in a minute. */
  readonly writesPerMinute: number;
  /** Failed sign-ins of one address in a minute. */
  readonly failedSignInsPerMinute: number;
}

const MINUTE_MS = 60_000;

const limit = (options: {
  readonly windowMs: number;
  readonly most: number;
  readonly key: (request: Request) => string;
  readonly store?: Store;
}): RateLimitRequestHandler | undefined =>
  options.most === 0
    ? undefined
    : rateLimit({
        windowMs: options.windowMs,
        limit: options.most,
        keyGenerator: options.key,
        store: options.store ?? createWindowStore(options.windowMs),
        standardHeaders: 'draft-7',
        legacyHeaders: false,
        handler: (request, response) => {
          sendProblem(
            request,
            response,
            problem(429, 'too-many-requests', 'Wait as long as Retry-After says.'),
          );
        },
      });

const isRead = (request: Request): boolean => request.method === 'GET' || request.method === 'HEAD';
const person = (request: Request): string => whoSent(request).actor.userId;

/**
 * Counts failures to sign in, by address; answers 429 when one is too many. A good token is always let in: whoever
 * fails must not lock out others behind the same proxy, and nobody guesses 256 bits.
 */
export const failedSignIns = ({ failedSignInsPerMinute: most }: RateLimits): RequestHandler =>
  limit({ windowMs: MINUTE_MS, most, key: clientAddress }) ?? passOn;

const passOn: RequestHandler = (_, __, next) => {
  next();
};

/** How often one person may read and write. */
export interface PersonLimits {
  /** After sign-in: counts the request; answers 429 when it is one too many. */
  readonly handler: RequestHandler;
  /** Counts a read. @returns the headers that say so; `undefined` when it is one too many */
  countRead(userId: string): Promise<readonly string[] | undefined>;
}

export const personLimits = (limits: RateLimits): PersonLimits => {
  const { readsPer5Minutes, writesPerMinute } = limits;
  const windowMs = 5 * MINUTE_MS;
  // It has room for very many, which takes its time to make.
  const store = readsPer5Minutes === 0 ? undefined : createWindowStore(windowMs);
  const reads = store && limit({ windowMs, most: readsPer5Minutes, key: person, store });
  const writes = limit({ windowMs: MINUTE_MS, most: writesPerMinute, key: person });
  const policy = `${readsPer5Minutes};w=${windowMs / 1000}`;
  return {
    handler: (request, response, next) => {
      void ((isRead(request) ? reads : writes) ?? passOn)(request, response, next);
    },
    countRead: async (userId) => {
      if (!store) return [];
      const { totalHits, resetTime } = await store.increment(userId);
      if (totalHits > readsPer5Minutes) return undefined;
      const seconds = Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1000);
      return [
        'RateLimit-Policy',
        policy,
        'RateLimit',
        `limit=${readsPer5Minutes}, remaining=${readsPer5Minutes - totalHits}, reset=${Math.max(0, seconds)}`,
      ];
    },
  };
};
