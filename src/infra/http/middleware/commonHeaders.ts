import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import cors, { type CorsOptions } from 'cors';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** The headers that all answers of the API have. */
export interface CommonHeaders {
  /** Set them on an answer. */
  readonly handlers: readonly RequestHandler[];
  /** What they set on the answer to a GET without `Origin`, as name, value, name, value. */
  readonly withoutOrigin: readonly string[];
}

/**
 * What OWASP's REST Security Cheat Sheet asks of answers that are data; the rest of helmet's headers are for
 * documents.
 */
const dataHeaders = (includeSubDomains: boolean) =>
  helmet({
    strictTransportSecurity: { includeSubDomains },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    referrerPolicy: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });

/**
 * @param corsOrigins origins that browsers may call from; `*` for any
 * @param hstsSubdomains whether browsers are to use TLS for all subdomains, too
 */
export const commonHeaders = (
  corsOrigins: readonly string[],
  hstsSubdomains: boolean,
): CommonHeaders => {
  const secure = dataHeaders(hstsSubdomains);
  const options: CorsOptions = {
    origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
    exposedHeaders: [
      ...['ETag', 'Location', 'Retry-After', 'RateLimit', 'RateLimit-Policy'],
      ...['Reellog-Position', 'Reellog-Stale', 'Preference-Applied', 'X-Correlation-Id'],
    ],
    maxAge: 600,
  };
  const crossOrigin = cors<IncomingMessage>((asked, decide) => {
    // What is no preflight asks what can be done with an address: the routes answer that.
    const isPreflight = asked.headers['access-control-request-method'] !== undefined;
    decide(null, { ...options, preflightContinue: !isPreflight });
  });
  // Found out by letting them answer a request that nobody sent.
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  request.method = 'GET';
  const next = (): void => undefined;
  secure(request, response, next);
  crossOrigin(request, response, next);
  const withoutOrigin = response
    .getHeaderNames()
    .flatMap((name) => [name, String(response.getHeader(name))]);
  return { handlers: [secure, crossOrigin], withoutOrigin };
};
