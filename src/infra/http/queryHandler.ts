import type { Request, RequestHandler, Response } from 'express';
import { validator } from '../../domain/validation.js';
import type { Answered, Queries } from '../../queries/queries.js';
import { requireScope, whoSent } from './authenticate.js';
import { afterPosition, hasAlready } from './conditions.js';
import { malformed, problem, RequestProblem } from './problems.js';
import { propertiesOf, type QueryRoute } from './route.js';

/** Asks a query for a request, and sends the answer's bytes as they are. */
export const queryHandler = (route: QueryRoute, queries: Queries): RequestHandler => {
  const check = validator(route.query.parameters, { coerce: true });
  const takesNothing = Object.keys(propertiesOf(route.query.parameters)).length === 0;
  return async (request, response) => {
    requireScope(request);
    const given = { ...(request.query as Record<string, unknown>), ...request.params };
    const checked = takesNothing && Object.keys(given).length === 0 ? nothing : check(given);
    if (!checked.ok) throw new RequestProblem(malformed(checked.errors));
    const { actor, zone } = whoSent(request);
    const after = afterPosition(request);
    const answer = await queries.ask(
      route.query,
      checked.value,
      { userId: actor.userId, zone, now: new Date() },
      after === undefined ? {} : { after },
    );
    if (!answer) {
      throw new RequestProblem(
        problem(404, 'not-found', route.missing ?? 'There is no such thing.'),
      );
    }
    sendAnswer(request, response, answer);
  };
};

const nothing = { ok: true, value: {} } as const;

const sendAnswer = (request: Request, response: Response, answer: Answered): void => {
  response.setHeader('ETag', answer.etag);
  response.setHeader('Cache-Control', 'private, no-cache');
  response.setHeader('Reellog-Position', answer.position.toString());
  if (answer.stale) response.setHeader('Reellog-Stale', 'true');
  if (hasAlready(request, answer.etag)) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', answer.body.length);
  response.end(request.method === 'HEAD' ? undefined : answer.body);
};
