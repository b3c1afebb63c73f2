import type { RequestHandler } from 'express';
import type { SignIn } from '../../auth/signedIn.js';
import type { ParsedQuestions } from './parsedQuestions.js';
import { permittedAtOnce } from '../middleware/authenticate.js';
import type { CommonHeaders } from '../middleware/commonHeaders.js';
import type { PersonLimits } from '../middleware/limits.js';
import { noteMatchedRoute } from '../middleware/matchedRoute.js';
import { sendAnswer } from './queryHandler.js';

/**
 * Sends the cached response to a GET that was made before, with the headers and bytes that the route would send. It
 * skips the router, which takes most of the time of a cached GET. Every other request goes on to the routes.
 */
export const cachedResponse = (dependencies: {
  readonly parsedQuestions: ParsedQuestions;
  readonly signIn: SignIn;
  readonly limits: PersonLimits;
  readonly common: CommonHeaders;
}): RequestHandler => {
  const { parsedQuestions, signIn, limits, common } = dependencies;
  return (request, response, next) => {
    const { headers } = request;
    const usual =
      request.method === 'GET' &&
      headers.origin === undefined &&
      headers['reellog-after'] === undefined &&
      headers['if-match'] === undefined;
    const asked = usual ? parsedQuestions.get(request.url) : undefined;
    const reader = asked && permittedAtOnce(request, signIn, asked.requires);
    const answer =
      reader &&
      asked.question.known({
        zone: reader.zone,
        dayEndsAt: reader.dayEndsAt,
        now: new Date(),
        ...reader.actor,
      });
    if (!answer) {
      next();
      return;
    }
    noteMatchedRoute(response, asked.route);
    limits.countRead(reader.actor.userId).then((counted) => {
      if (counted) sendAnswer(request, response, answer, [...common.withoutOrigin, ...counted]);
      else next();
    }, next);
  };
};
