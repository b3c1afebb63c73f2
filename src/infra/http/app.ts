import cors from 'cors';
import express, { Router, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { ExecuteCommand } from '../../commands/command.js';
import type { ProjectionEngine } from '../../projections/engine/engine.js';
import type { Queries } from '../../queries/queries.js';
import type { ApiTokens } from '../auth/apiTokens.js';
import type { SignIn } from '../auth/signedIn.js';
import { authenticate } from './authenticate.js';
import { commandHandler } from './commandHandler.js';
import { docsPage } from './docsPage.js';
import { health } from './health.js';
import { personLimits, signInLimit, type RateLimits } from './limits.js';
import { API_BASE, openApiDocument } from './openapi.js';
import { plainHandler } from './plainHandler.js';
import { problem, problemOf, RequestProblem, titles } from './problems.js';
import { queryHandler } from './queryHandler.js';
import { requestLog } from './requestLog.js';
import type { Route } from './route.js';
import { accountRoutes } from './routes/accounts.js';
import { libraryRoutes } from './routes/libraries.js';
import { meRoutes } from './routes/me.js';
import { movieRoutes } from './routes/movies.js';
import { operationRoutes } from './routes/operations.js';
import { viewingRoutes } from './routes/viewing.js';
import { PROBLEM_BASE, sendProblem } from './sendProblem.js';

/** What the HTTP interface stands on. */
export interface HttpDependencies {
  readonly execute: ExecuteCommand;
  readonly queries: Queries;
  readonly engine: ProjectionEngine;
  readonly tokens: ApiTokens;
  readonly signIn: SignIn;
  readonly ping: (signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  readonly version: string;
  readonly rateLimits: RateLimits;
  /** Origins that browsers may call from; `*` for any. */
  readonly corsOrigins: readonly string[];
  readonly bodyBytes: number;
  /** Proxies in front, whose word on the client's address counts. */
  readonly trustedProxies: number;
}

/** Every route, documented and served alike. */
export const routesOf = (
  dependencies: Pick<HttpDependencies, 'tokens' | 'signIn' | 'engine'>,
): readonly Route[] => [
  ...movieRoutes,
  ...viewingRoutes,
  ...meRoutes,
  ...libraryRoutes,
  ...accountRoutes(dependencies.tokens, dependencies.signIn),
  ...operationRoutes(dependencies.engine),
];

/** The HTTP interface. */
export const createHttpApp = (dependencies: HttpDependencies): Express => {
  const { engine, logger, version } = dependencies;
  const routes = routesOf(dependencies);
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('trust proxy', dependencies.trustedProxies);

  app.use(requestLog(logger));
  app.use('/docs', docsPage());
  app.use(helmet());
  app.use(health(engine, dependencies.ping));
  app.use(
    cors({
      origin: dependencies.corsOrigins.includes('*') ? '*' : [...dependencies.corsOrigins],
      exposedHeaders: ['ETag', 'Location', 'Reellog-Position', 'Reellog-Stale', 'Retry-After'],
      maxAge: 600,
    }),
  );
  app.get('/', (_, response) => {
    response.redirect(303, '/docs/');
  });
  app.use(PROBLEM_BASE, problemPages());
  app.use(API_BASE, api(dependencies, routes, openApiDocument(routes, version)));
  app.use((_, __, next) => {
    next(new RequestProblem(problem(404, 'not-found', 'There is nothing at this address.')));
  });
  app.use(onError(logger));
  return app;
};

const api = (
  dependencies: HttpDependencies,
  routes: readonly Route[],
  document: object,
): Router => {
  const router = Router();
  router.get('/openapi.json', (_, response) => {
    response.set('Cache-Control', 'public, max-age=300').json(document);
  });
  router.use(signInLimit(dependencies.rateLimits));
  router.use(authenticate(dependencies.signIn));
  for (const handler of personLimits(dependencies.rateLimits)) router.use(handler);
  const parseBody = express.json({
    limit: dependencies.bodyBytes,
    strict: false,
    type: ['application/json', 'application/*+json'],
  });
  const byPath = grouped(routes);
  for (const [path, here] of byPath) {
    const route = router.route(path.replace(/\{(\w+)\}/g, ':$1'));
    for (const one of here) {
      if (one.method === 'get') route.get(handlerOf(one, dependencies));
      else route[one.method](parseBody, handlerOf(one, dependencies));
    }
    route.all(onlyMethods(here));
  }
  return router;
};

const grouped = (routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> => {
  const byPath = new Map<string, Route[]>();
  for (const route of routes) byPath.set(route.path, [...(byPath.get(route.path) ?? []), route]);
  return byPath;
};

const handlerOf = (route: Route, { execute, queries }: HttpDependencies): RequestHandler => {
  switch (route.kind) {
    case 'command':
      return commandHandler(route, execute);
    case 'query':
      return queryHandler(route, queries);
    case 'plain':
      return plainHandler(route);
    default:
      return route satisfies never;
  }
};

const onlyMethods =
  (routes: readonly Route[]): RequestHandler =>
  (request, response, next) => {
    const allowed = routes.flatMap(({ method }) =>
      method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
    );
    if (request.method === 'OPTIONS') {
      response
        .set('Allow', [...allowed, 'OPTIONS'].join(', '))
        .status(204)
        .end();
      return;
    }
    next(
      new RequestProblem(
        problem(405, 'method-not-allowed', `Allowed here: ${allowed.join(', ')}.`, {
          Allow: allowed.join(', '),
        }),
      ),
    );
  };

/** `/problems/<code>`: what a problem's `type` means. */
const problemPages = (): Router => {
  const router = Router();
  router.get('/:code', (request, response, next) => {
    const { code } = request.params;
    const title = Object.hasOwn(titles, code) ? titles[code] : undefined;
    if (title === undefined) next();
    else response.json({ type: `${PROBLEM_BASE}${code}`, title });
  });
  return router;
};

const onError =
  (logger: Logger): express.ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const found = problemOf(error);
    if (found.status >= 500) {
      logger.error({ err: error, method: request.method, url: request.originalUrl }, found.title);
    }
    sendProblem(request, response, found);
  };
