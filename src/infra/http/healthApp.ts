import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { ProjectionEngine } from '../../projections/engine/live/engine.js';
import type { MirrorSummary } from '../eventstore/mirror/mirrorHealth.js';
import { health } from './health.js';
import { problem, problemOf } from './problems.js';
import { sendProblem } from './sendProblem.js';

/** What a process listens with that does not serve the API: whoever runs it sees whether it lives and is ready. */
export const createHealthApp = (dependencies: {
  readonly engine: ProjectionEngine;
  readonly ping: (signal: AbortSignal) => Promise<void>;
  /** How the mirror of the log is, where it has one. */
  readonly mirror: () => MirrorSummary | undefined;
  readonly logger: Logger;
  /** Measures and traces every request; none where nobody looks on. */
  readonly observer: RequestHandler | undefined;
}): Express => {
  const { engine, ping, mirror, logger, observer } = dependencies;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  if (observer) app.use(observer);
  app.use(helmet({ strictTransportSecurity: { includeSubDomains: false } }));
  app.use(health(engine, ping, mirror));
  app.use((request, response) => {
    const detail = 'This process does not serve the API: see REELLOG_ROLE.';
    sendProblem(request, response, problem(404, 'not-found', detail));
  });
  const onError: express.ErrorRequestHandler = (error: unknown, request, response, _next) => {
    const found = problemOf(error);
    if (found.status >= 500) logger.error({ err: error, url: request.originalUrl }, found.title);
    sendProblem(request, response, found);
  };
  app.use(onError);
  return app;
};
