import type { NextFunction, Request, RequestHandler, Response } from 'express';
import {
  hasRole,
  hasScope,
  roleInWords,
  type Permission,
} from '../../../domain/account/permissions.js';
import type { SignedIn, SignIn } from '../../auth/signedIn.js';
import { problem, RequestProblem } from '../problems.js';

const signedInOf = new WeakMap<Request, SignedIn>();

/** Who sent the request. @throws when it did not pass `authenticate` */
export const whoSent = (request: Request): SignedIn => {
  const signedIn = signedInOf.get(request);
  if (!signedIn) throw unauthenticated('Send a token: "Authorization: Bearer reel_…".');
  return signedIn;
};

/** The token that a request brings, if it brings one. */
export const tokenOf = (request: Request): string | undefined => {
  const header = request.headers.authorization;
  return header === undefined ? undefined : BEARER.exec(header)?.[1];
};

/** Who sent the request, if that is remembered and they may do what it asks. */
export const permittedAtOnce = (
  request: Request,
  signIn: SignIn,
  { role, scope }: Permission,
): SignedIn | undefined => {
  const token = tokenOf(request);
  const signedIn = token === undefined ? undefined : signIn.remembered(token);
  return signedIn && hasRole(signedIn.actor.role, role) && hasScope(signedIn.scopes, scope)
    ? signedIn
    : undefined;
};

const BEARER = /^Bearer ([\x21-\x7e]{1,200})$/i;

/**
 * Lets a request with a valid token through, and remembers whose it is.
 * @param countFailure counts a request that is not let through; may answer it
 */
export const authenticate = (signIn: SignIn, countFailure: RequestHandler): RequestHandler => {
  const refuse = (
    request: Request,
    response: Response,
    next: NextFunction,
    refusal: RequestProblem,
  ): void => {
    void countFailure(request, response, (error?: unknown) => {
      next(error ?? refusal);
    });
  };
  return async (request, response, next) => {
    const token = tokenOf(request);
    if (token === undefined) {
      const detail = 'Send a token: "Authorization: Bearer reel_…".';
      refuse(request, response, next, unauthenticated(detail));
      return;
    }
    const signedIn = signIn.remembered(token) ?? (await signIn.lookUp(token));
    if (signedIn) {
      admit(request, signedIn);
      next();
      return;
    }
    const detail = 'This token is not valid, was revoked or has expired.';
    refuse(request, response, next, unauthenticated(detail, true));
  };
};

const admit = (request: Request, signedIn: SignedIn): void => {
  signedInOf.set(request, signedIn);
};

/** @param invalid a token was sent, but not a good one (RFC 6750 §3.1) */
const unauthenticated = (detail: string, invalid = false): RequestProblem =>
  new RequestProblem(
    problem(401, 'unauthenticated', detail, {
      'WWW-Authenticate': `Bearer realm="reellog"${invalid ? ', error="invalid_token"' : ''}`,
    }),
  );

/** Lets through whom the role and the token's scopes allow to; 403 to everybody else. */
export const requirePermission =
  ({ role, scope }: Permission): RequestHandler =>
  (request, _, next) => {
    const { actor, scopes } = whoSent(request);
    if (!hasRole(actor.role, role)) {
      throw new RequestProblem(problem(403, 'forbidden', `Requires ${roleInWords[role]}.`));
    }
    if (!hasScope(scopes, scope)) {
      const detail = `Requires a token with the scope "${scope}".`;
      throw new RequestProblem(
        // RFC 6750 §3.1
        problem(403, 'forbidden', detail, {
          'WWW-Authenticate': `Bearer realm="reellog", error="insufficient_scope", scope="${scope}"`,
        }),
      );
    }
    next();
  };
