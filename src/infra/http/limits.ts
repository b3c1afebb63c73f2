import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import { whoSent, type FailedSignIns } from './authenticate.js';
import { problem } from './problems.js';
import { sendProblem } from './sendProblem.js';

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
}): RateLimitRequestHandler | undefined =>
  options.most === 0
    ? undefined
    : rateLimit({
        windowMs: options.windowMs,
        limit: options.most,
        keyGenerator: options.key,
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
const address = (request: Request): string => ipKeyGenerator(request.ip ?? '');

/** Only failures count, and only once they are known: a good token is never kept waiting by them. */
export const failedSignIns = ({ failedSignInsPerMinute: most }: RateLimits): FailedSignIns => {
  const failures = limit({ windowMs: MINUTE_MS, most, key: address });
  return {
    exhausted: async (request) => {
      const known = await failures?.getKey(address(request));
      return known !== undefined && known.totalHits >= most;
    },
    count: failures ?? passOn,
  };
};

const passOn: RequestHandler = (_, __, next) => {
  next();
};

/** After sign-in: reads and writes of a person. */
export const personLimits = (limits: RateLimits): RequestHandler => {
  const reads = limit({ windowMs: 5 * MINUTE_MS, most: limits.readsPer5Minutes, key: person });
  const writes = limit({ windowMs: MINUTE_MS, most: limits.writesPerMinute, key: person });
  return (request, response, next) => {
    void ((isRead(request) ? reads : writes) ?? passOn)(request, response, next);
  };
};
