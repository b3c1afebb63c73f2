import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { Request, RequestHandler, Response } from 'express';
import { matchedRoute } from '../../http/middleware/matchedRoute.js';
import { secondsSince, type Labels, type Measures } from '../measures.js';
import { attributes } from '../names.js';

/** Others are counted together, or a client could make a series of each word that it thinks of. */
const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
]);
/** Asked every few seconds, for ever: counted, but in no trace. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Measures every request, and with a tracer begins a span for it, within the trace that its headers name. */
export const observedRequests =
  (measures: Measures, tracer: Tracer | undefined): RequestHandler =>
  (request, response, next) => {
    const began = performance.now();
    const span = tracer && !PROBES.has(request.path) ? startSpan(tracer, request) : undefined;
    response.once('close', () => {
      const labels = labelsOf(request, response);
      // A stream of events lasts for as long as its reader likes: its time would say that requests are slow.
      if (!isStream(response)) measures.record('httpDuration', secondsSince(began), labels);
      if (span) endSpan(span, labels);
    });
    if (span) context.with(trace.setSpan(ROOT_CONTEXT, span), next);
    else next();
  };

const startSpan = (tracer: Tracer, request: Request): Span =>
  tracer.startSpan(
    request.method,
    {
      kind: SpanKind.SERVER,
      attributes: {
        [attributes.method]: request.method,
        [attributes.path]: request.path,
        [attributes.scheme]: request.protocol,
      },
    },
    propagation.extract(ROOT_CONTEXT, request.headers),
  );

const labelsOf = (request: Request, response: Response): Labels => {
  const route = matchedRoute(response);
  const { statusCode } = response;
  const error = errorType(response);
  return {
    [attributes.method]: METHODS.has(request.method) ? request.method : '_OTHER',
    ...(route === undefined ? {} : { [attributes.route]: route }),
    [attributes.status]: statusCode,
    ...(error === undefined ? {} : { [attributes.errorType]: error }),
  };
};

const isStream = (response: Response): boolean =>
  response.getHeader('Content-Type') === 'text/event-stream';

const errorType = (response: Response): string | undefined => {
  const { writableFinished, statusCode } = response;
  // To leave is how a stream's reader ends it.
  if (!writableFinished && !isStream(response)) return 'aborted';
  return statusCode >= 500 ? String(statusCode) : undefined;
};

const endSpan = (span: Span, labels: Labels): void => {
  const route = labels[attributes.route];
  if (route !== undefined) span.updateName(`${labels[attributes.method]} ${route}`);
  span.setAttributes(labels);
  if (labels[attributes.errorType] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
};
