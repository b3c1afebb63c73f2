import express, { Router, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { ExecuteCommand } from '../../commands/command.js';
import type { RebuildWatch } from '../../projections/rebuildWatch.js';
import type { ProjectionEngine } from '../../projections/engine/live/engine.js';
import type { ParkedActs } from '../../projections/engine/parking/parkedActs.js';
import type { Rebuilds } from '../../projections/rebuilds.js';
import type { AsOfQueries } from '../../queries/serving/asOf.js';
import type { Queries } from '../../queries/queries.js';
import type { ApiTokens } from '../auth/apiTokens.js';
import type { SignIn } from '../auth/signedIn.js';
import type { Jobs } from '../jobs/jobs.js';
import type { QueuedWork } from '../jobs/queue/waitingWork.js';
import type { Images } from '../images/images.js';
import type { MirrorSummary } from '../eventstore/mirror/mirrorHealth.js';
import type { RequestReceipts } from '../commands/requestReceipts.js';
import { cachedResponse } from './handlers/cachedResponse.js';
import { asOfHandler } from './handlers/asOfHandler.js';
import { createParsedQuestions, type ParsedQuestions } from './handlers/parsedQuestions.js';
import { authenticate, requirePermission } from './middleware/authenticate.js';
import { commandHandler } from './handlers/commandHandler.js';
import { commonHeaders, type CommonHeaders } from './middleware/commonHeaders.js';
import { docsPage } from './openapi/docsPage.js';
import { createFailureLog, type FailureLog } from './failureLog.js';
import { health } from './health.js';
import {
  failedSignIns,
  personLimits,
  type PersonLimits,
  type RateLimits,
} from './middleware/limits.js';
import { API_BASE, openApiDocument } from './openapi/openapi.js';
import { imageBody, imageBytes } from './handlers/imageBody.js';
import { imageHandler } from './handlers/imageHandler.js';
import { requireBody } from './handlers/requestBody.js';
import { jsonBody } from './middleware/jsonBody.js';
import { refuseGonePast } from './middleware/pastGone.js';
import { noteRoute } from './middleware/matchedRoute.js';
import { publicPath, servePublicPath, type PublicAddress } from './middleware/publicAddress.js';
import { createOpenStreams, type OpenStreams } from './streams/openStreams.js';
import { plainHandler } from './handlers/plainHandler.js';
import { problem, problemOf, RequestProblem, titles } from './problems.js';
import { queryHandler } from './handlers/queryHandler.js';
import { requestLog } from './middleware/requestLog.js';
import type { Route, RouteServices } from './route.js';
import { routes } from './routes/routes.js';
import { serveWebhooks } from './webhooks/webhooks.js';
import type { WebhookReceivers } from './webhooks/webhook.js';
import { PROBLEM_BASE, sendProblem } from './sendProblem.js';
import { streamHandler } from './streams/streamHandler.js';

/** What the HTTP interface stands on. */
export interface HttpDependencies {
  readonly execute: ExecuteCommand;
  readonly queries: Queries;
  readonly asOf: AsOfQueries;
  readonly engine: ProjectionEngine;
  readonly rebuilds: Rebuilds;
  readonly rebuildWatch: RebuildWatch;
  readonly parked: ParkedActs;
  readonly jobs: Jobs;
  readonly queuedWork: QueuedWork;
  readonly imports: RouteServices['imports'];
  readonly webhookReceivers: WebhookReceivers;
  readonly images: Images;
  /** The names of all read models. */
  readonly readModels: readonly string[];
  readonly tokens: ApiTokens;
  readonly signIn: SignIn;
  readonly receipts: RequestReceipts;
  readonly ping: (signal: AbortSignal) => Promise<void>;
  /** How the mirror of the log is, where it has one. */
  readonly mirror: () => MirrorSummary | undefined;
  readonly logger: Logger;
  /** Measures and traces every request; none where nobody looks on. */
  readonly observer: RequestHandler | undefined;
  readonly version: string;
  readonly rateLimits: RateLimits;
  /** Origins that browsers may call from; `*` for any. */
  readonly corsOrigins: readonly string[];
  readonly bodyBytes: number;
  /** How long a command may take, in milliseconds. */
  readonly answerMs: number;
  /** Aborts when the service stops, so that what is answered without end does end. */
  readonly closing: AbortSignal;
  /** Proxies in front, whose word on the client's address counts. */
  readonly trustedProxies: number;
  readonly publicAddress: PublicAddress;
  /** Whether browsers are to use TLS for all subdomains, too. */
  readonly hstsSubdomains: boolean;
}

/** The HTTP interface. */
export const createHttpApp = (dependencies: HttpDependencies): Express => {
  const { engine, logger, version, publicAddress, hstsSubdomains } = dependencies;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('trust proxy', dependencies.trustedProxies);

  const parsedQuestions = createParsedQuestions();
  const limits = personLimits(dependencies.rateLimits);
  const common = commonHeaders(dependencies.corsOrigins, hstsSubdomains);
  const streams = createOpenStreams(dependencies.closing);
  servePublicPath(app, publicAddress.path);
  if (dependencies.observer) app.use(dependencies.observer);
  app.use(requestLog(logger));
  app.use(API_BASE, refuseGonePast(dependencies.mirror));
  app.use(cachedResponse({ parsedQuestions, limits, common, signIn: dependencies.signIn }));
  app.use(
    API_BASE,
    api(
      { ...dependencies, parsedQuestions, limits, common, streams },
      openApiDocument(routes, version, publicAddress.url),
    ),
  );
  app.use('/docs', noteRoute('/docs'), docsPage(publicAddress, hstsSubdomains));
  app.use(helmet({ strictTransportSecurity: { includeSubDomains: hstsSubdomains } }));
  app.use(health(engine, dependencies.ping, dependencies.mirror));
  app.get('/', (request, response) => {
    response.redirect(303, publicPath(request, '/docs/'));
  });
  app.use(PROBLEM_BASE, noteRoute(`${PROBLEM_BASE}{code}`), problemPages());
  app.use((_, __, next) => {
    next(new RequestProblem(problem(404, 'not-found', 'There is nothing at this address.')));
  });
  app.use(onError(createFailureLog(logger)));
  return app;
};

/** What the routes need beside the service. */
interface RoutingDependencies extends HttpDependencies {
  readonly parsedQuestions: ParsedQuestions;
  readonly limits: PersonLimits;
  readonly common: CommonHeaders;
  readonly streams: OpenStreams;
}

const api = (dependencies: RoutingDependencies, document: object): Router => {
  const router = Router({ strict: true, caseSensitive: true });
  for (const handler of dependencies.common.handlers) router.use(handler);
  router.get('/openapi.json', noteRoute(`${API_BASE}/openapi.json`), (_, response) => {
    response.set('Cache-Control', 'public, max-age=300').json(document);
  });
  const countFailure = failedSignIns(dependencies.rateLimits);
  const readBody = jsonBody(dependencies.bodyBytes);
  const { webhookReceivers: receivers, answerMs } = dependencies;
  router.use(serveWebhooks({ receivers, apiBase: API_BASE, readBody, countFailure, answerMs }));
  const image = router.route('/images/:hash');
  image.all(noteRoute(`${API_BASE}/images/{hash}`));
  image.get(imageHandler(dependencies.images, answerMs));
  image.all(onlyMethods([{ method: 'get' }]));
  router.use(authenticate(dependencies.signIn, countFailure));
  router.use(dependencies.limits.handler);
  const byPath = grouped(routes);
  for (const [path, here] of byPath) {
    const route = router.route(path.replace(/\{(\w+)\}/g, ':$1'));
    route.all(noteRoute(`${API_BASE}${path}`));
    for (const one of here) {
      route[one.method](requirePermission(one.requires));
      if (one.kind === 'query' && one.query.sources) route.get(asOfHandler(one, dependencies.asOf));
      if (one.method === 'get') route.get(handlerOf(one, dependencies));
      else {
        const takesImage = one.kind === 'command' && one.takesImage;
        route[one.method](...(takesImage ? [imageBytes] : readBody), handlerOf(one, dependencies));
      }
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

const handlerOf = (route: Route, dependencies: RoutingDependencies): RequestHandler => {
  switch (route.kind) {
    case 'command':
      return commandHandler(
        route,
        route.takesImage
          ? imageBody(route, dependencies.images, dependencies.answerMs)
          : (request) => requireBody(request, route.body),
        dependencies.execute,
        (position, limitMs) =>
          dependencies.queries.shown(dependencies.readModels, position, limitMs),
        dependencies.answerMs,
      );
    case 'query':
      return queryHandler(route, dependencies.queries, dependencies.parsedQuestions);
    case 'plain':
      return plainHandler(route, dependencies, dependencies.receipts);
    case 'stream':
      return streamHandler(route, dependencies, dependencies.streams);
    default:
      return route satisfies never;
  }
};

const onlyMethods =
  (routes: readonly Pick<Route, 'method'>[]): RequestHandler =>
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
    else response.json({ type: publicPath(request, `${PROBLEM_BASE}${code}`), title });
  });
  return router;
};

const onError =
  (logFailure: FailureLog): express.ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const found = problemOf(error);
    const { method, originalUrl: url } = request;
    const correlationId = response.getHeader('X-Correlation-Id');
    logFailure(error, found, { method, url, correlationId });
    sendProblem(request, response, found);
  };
