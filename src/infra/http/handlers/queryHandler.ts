import type { Request, RequestHandler, Response } from 'express';
import { validator } from '../../../domain/validation.js';
import type { Answer } from '../../../queries/serving/answerCache.js';
import type { Queries } from '../../../queries/queries.js';
import { whoSent } from '../middleware/authenticate.js';
import { afterPosition, hasAlready, requireMatch } from './conditions.js';
import { matchedRoute } from '../middleware/matchedRoute.js';
import { malformed, problem, RequestProblem } from '../problems.js';
import type { ParsedQuestions } from './parsedQuestions.js';
import { propertiesOf, type QueryRoute } from '../route.js';

/** Asks a query for a request, and sends the answer's bytes as they are. */
export const queryHandler = (
  route: QueryRoute,
  queries: Queries,
  parsedQuestions: ParsedQuestions,
): RequestHandler => {
  const check = validator(route.query.parameters, { coerce: true });
  const takesNothing = Object.keys(propertiesOf(route.query.parameters)).length === 0;
  return async (request, response) => {
    const given = { ...(request.query as Record<string, unknown>), ...request.params };
    const checked = takesNothing && Object.keys(given).length === 0 ? nothing : check(given);
    if (!checked.ok) throw new RequestProblem(malformed(checked.errors));
    const { actor, zone, dayEndsAt } = whoSent(request);
    const after = afterPosition(request);
    const question = queries.question(route.query, checked.value);
    const answer = await question.ask(
      { zone, dayEndsAt, now: new Date(), ...actor },
      after === undefined ? {} : { after },
    );
    if (!answer) {
      throw new RequestProblem(
        problem(404, 'not-found', route.missing ?? 'There is no such thing.'),
      );
    }
    parsedQuestions.set(request.originalUrl, {
      question,
      requires: route.requires,
      route: matchedRoute(response),
    });
    sendAnswer(request, response, answer);
  };
};

/** An answer and the position that it is true at. */
interface SentAnswer extends Answer {
  readonly position: bigint;
  readonly stale?: boolean;
}

const nothing = { ok: true, value: {} } as const;

/**
 * Sends an answer, or 304 to whoever has it already.
 * @throws {RequestProblem} 412 where the client wants another one
 * @param cacheControl how long it may be kept without asking; by default not at all
 * @param headers that were not set on the response, as name, value, name, value
 */
export const sendAnswer = (
  request: Request,
  response: Response,
  answer: SentAnswer,
  headers: readonly string[] = [],
  cacheControl = 'private, no-cache',
): void => {
  requireMatch(request, answer.etag);
  const unchanged = hasAlready(request, answer.etag);
  const about = ['ETag', answer.etag, 'Cache-Control', cacheControl];
  about.push('Reellog-Position', answer.position.toString());
  if (answer.stale === true) about.push('Reellog-Stale', 'true');
  if (!unchanged) {
    about.push('Content-Type', 'application/json; charset=utf-8');
    about.push('Content-Length', String(answer.bytes));
  }
  response.writeHead(unchanged ? 304 : 200, [...headers, ...about]);
  response.end(unchanged || request.method === 'HEAD' ? undefined : answer.body);
};
