import type { RequestHandler } from 'express';
import type { MirrorSummary } from '../../eventstore/mirror/mirrorHealth.js';
import { pastGone, RequestProblem } from '../problems.js';

/** Nothing is answered from a past that the log has lost, nor written after it. */
export const refuseGonePast =
  (mirror: () => MirrorSummary | undefined): RequestHandler =>
  (_request, _response, next) => {
    next(mirror()?.fault === undefined ? undefined : new RequestProblem(pastGone));
  };
