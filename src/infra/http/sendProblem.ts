import type { Request, Response } from 'express';
import { publicPath } from './middleware/publicAddress.js';
import type { Problem } from './problems.js';

/** The relative base of problem types; each can be looked up there. */
export const PROBLEM_BASE = '/problems/';

/** Sends a problem as `application/problem+json`. */
export const sendProblem = (request: Request, response: Response, problem: Problem): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .status(problem.status)
    .set(problem.headers ?? {})
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: publicPath(request, `${PROBLEM_BASE}${problem.code}`),
        title: problem.title,
        status: problem.status,
        ...(problem.detail === undefined ? {} : { detail: problem.detail }),
        instance: publicPath(request, request.originalUrl).slice(0, 500),
        ...(problem.errors === undefined ? {} : { errors: problem.errors }),
        ...problem.more,
      }),
    );
};
