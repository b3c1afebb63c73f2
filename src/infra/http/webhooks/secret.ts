import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { problem, RequestProblem } from '../problems.js';

export const SECRET_HEADER = 'X-Reellog-Secret';
const BASIC = /^Basic ([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Lets a request through that brings the secret: in a header of ours, or as the password of basic authentication,
 * whatever the user's name. Not in the address, which proxies and logs keep.
 */
export const requireSecret = (secret: string, countFailure: RequestHandler): RequestHandler => {
  const wanted = digestOf(secret);
  return (request, response, next) => {
    const given = secretOf(request);
    // Digests are of one length: how long the comparison takes tells nothing of the secret.
    if (given !== undefined && timingSafeEqual(digestOf(given), wanted)) {
      next();
      return;
    }
    const refusal = new RequestProblem(
      problem(
        401,
        'unauthenticated',
        `Send the webhook's secret in the header ${SECRET_HEADER}, or as the password of basic authentication.`,
        { 'WWW-Authenticate': 'Basic realm="reellog webhooks"' },
      ),
    );
    void countFailure(request, response, (error?: unknown) => {
      next(error ?? refusal);
    });
  };
};

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const secretOf = (request: Request): string | undefined => {
  const header = request.get(SECRET_HEADER);
  if (header !== undefined) return header;
  const [, encoded] = BASIC.exec(request.headers.authorization ?? '') ?? [];
  const credentials = encoded && Buffer.from(encoded, 'base64').toString('utf8');
  const colon = credentials?.indexOf(':') ?? -1;
  return colon === -1 ? undefined : credentials?.slice(colon + 1);
};
