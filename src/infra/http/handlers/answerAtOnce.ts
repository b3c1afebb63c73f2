import type { RequestHandler } from 'express';
import type { SignIn } from '../../auth/signedIn.js';
import type { AskedBefore } from './askedBefore.js';
import { permittedAtOnce } from '../middleware/authenticate.js';
import type { CommonHeaders } from '../middleware/commonHeaders.js';
import type { PersonLimits } from '../middleware/limits.js';
import { noteMatchedRoute } from '../middleware/matchedRoute.js';
import { sendAnswer } from './queryHandler.js';

/**
 * Answers a question that was asked before and whose answer is in the cache, without the way through the
 * routes, which takes longer than everything else; hands on every other request. The answer has the headers
 * and bytes that the routes would give it.
 */
export const answerAtOnce = (dependencies: {
  readonly askedBefore: AskedBefore;
  readonly signIn: SignIn;
  readonly limits: PersonLimits;
  readonly common: CommonHeaders;
}): RequestHandler => {
  const { askedBefore, signIn, limits, common } = dependencies;
  return (request, response, next) => {
    const { headers } = request;
    const usual =
      request.method === 'GET' &&
      headers.origin === undefined &&
      headers['reellog-after'] === undefined &&
      headers['if-match'] === undefined;
    const asked = usual ? askedBefore.recall(request.url) : undefined;
    const reader = asked && permittedAtOnce(request, signIn, asked.requires);
    const answer =
      reader &&
      asked.question.known({
        ...reader.actor,
        ...{ zone: reader.zone, dayEndsAt: reader.dayEndsAt, now: new Date() },
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
