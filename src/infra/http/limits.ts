import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { whoSent } from './authenticate.js';
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
  readonly applies: (request: Request) => boolean;
  readonly onlyFailures?: boolean;
}): RequestHandler =>
  options.most === 0
    ? (_, __, next) => {
        next();
      }
    : rateLimit({
        windowMs: options.windowMs,
        limit: options.most,
        keyGenerator: options.key,
        skip: (request) => !options.applies(request),
        standardHeaders: 'draft-7',
        legacyHeaders: false,
        ...(options.onlyFailures === true
          ? {
              skipSuccessfulRequests: true,
              requestWasSuccessful: (_, response) => response.statusCode !== 401,
            }
          : {}),
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

/** Before sign-in: an address that keeps failing. */
export const signInLimit = (limits: RateLimits): RequestHandler =>
  limit({
    windowMs: MINUTE_MS,
    most: limits.failedSignInsPerMinute,
    key: address,
    applies: () => true,
    onlyFailures: true,
  });

/** After sign-in: reads and writes of a person. */
export const personLimits = (limits: RateLimits): readonly RequestHandler[] => [
  limit({
    windowMs: 5 * MINUTE_MS,
    most: limits.readsPer5Minutes,
    key: person,
    applies: isRead,
  }),
  limit({
    windowMs: MINUTE_MS,
    most: limits.writesPerMinute,
    key: person,
    applies: (request) => !isRead(request),
  }),
];
