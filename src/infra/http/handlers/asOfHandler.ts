import type { RequestHandler, Response } from 'express';
import { validator } from '../../../domain/validation.js';
import type { AnsweredThen, AsOfQueries } from '../../../queries/serving/asOf.js';
import { AS_OF, momentOf, type Moment } from '../../../queries/serving/moment.js';
import type { Query } from '../../../queries/query.js';
import { whoSent } from '../middleware/authenticate.js';
import { malformed, problem, RequestProblem } from '../problems.js';
import { sendAnswer } from './queryHandler.js';
import type { QueryRoute } from '../route.js';

/** Answers what is asked as of a moment (`?asOf=`); hands on what is asked of now. */
export const asOfHandler = (route: QueryRoute, asOf: AsOfQueries): RequestHandler => {
  const check = validator(route.query.parameters, { coerce: true });
  return async (request, response, next) => {
    const { [AS_OF]: text, ...others } = request.query;
    if (text === undefined) {
      next();
      return;
    }
    if (typeof text !== 'string') {
      throw new RequestProblem(malformed([{ field: AS_OF, message: 'is given more than once' }]));
    }
    const moment = momentOf(text);
    const checked = check({ ...others, ...request.params });
    if (!checked.ok) throw new RequestProblem(malformed(checked.errors));
    const { actor, zone, dayEndsAt } = whoSent(request);
    const asker = { zone, dayEndsAt, now: new Date(), ...actor };
    const signal = untilGone(response);
    let answer: AnsweredThen | undefined;
    try {
      answer = await asOf.ask(route.query, checked.value, moment, asker, { signal });
    } catch (error) {
      // Nobody is there to be told.
      if (signal.aborted) return;
      throw error;
    }
    if (!answer) {
      throw new RequestProblem(
        problem(404, 'not-found', route.missing ?? 'There was no such thing then.'),
      );
    }
    response.vary('Authorization');
    sendAnswer(request, response, answer, [], cacheControlOf(route.query, moment, answer));
  };
};

/** Aborts when the client has gone, or has its answer. */
const untilGone = (response: Response): AbortSignal => {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  return gone.signal;
};

/**
 * What was does not change, but the code that tells of it may: not longer than a day. A day, and what "today" was,
 * depend on the person's zone, and they may move.
 */
const cacheControlOf = (query: Query, moment: Moment, { settled }: AnsweredThen): string =>
  settled && moment.kind !== 'day' && query.variesBy === undefined
    ? 'private, max-age=86400, immutable'
    : 'private, no-cache';
