import { Type } from 'typebox';
import { hasScope, scopes as allScopes } from '../../../domain/account/permissions.js';
import { Instant, Line, Uuid } from '../../../domain/schemas.js';
import { problem, RequestProblem } from '../problems.js';
import { commandRoute, plainRoute, type Route } from '../route.js';

const tag = 'Accounts and tokens';

const Scopes = Type.Array(Type.Enum([...allScopes]), { minItems: 1, uniqueItems: true });
const moment = Type.Union([Instant, Type.Null()]);
const TokenAnswer = {
  id: Uuid,
  name: Type.String(),
  scopes: Scopes,
  createdAt: Instant,
  expiresAt: moment,
  lastUsedAt: moment,
};
const NewToken = Type.Object(
  {
    name: Line(100),
    scopes: Type.Optional(Scopes),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })),
    /** Of another person: the owner makes a new member's first token. */
    userId: Type.Optional(Uuid),
  },
  { additionalProperties: false },
);

const forbidden = (detail: string): RequestProblem =>
  new RequestProblem(problem(403, 'forbidden', detail));

const DAY_MS = 86_400_000;

/** Accounts, and the tokens that sign in to them. */
export const accountRoutes: readonly Route[] = [
  commandRoute({
    method: 'post',
    path: '/accounts',
    operationId: 'registerAccount',
    summary: 'Register a person (owners and admins)',
    tag,
    command: 'RegisterAccount',
    success: 201,
  }),
  plainRoute({
    method: 'get',
    path: '/me/tokens',
    operationId: 'listTokens',
    summary: 'Your API tokens',
    tag,
    requires: { role: 'member', scope: 'read' },
    success: 200,
    answer: Type.Object({
      tokens: Type.Array(Type.Object(TokenAnswer, { additionalProperties: false })),
    }),
    handle: async ({ signedIn, services }) => ({
      tokens: await services.tokens.list(signedIn.actor.userId),
    }),
  }),
  plainRoute({
    method: 'post',
    path: '/me/tokens',
    operationId: 'createToken',
    summary: 'Make an API token; it is shown once',
    tag,
    requires: { role: 'member', scope: 'write' },
    success: 201,
    body: NewToken,
    answer: Type.Object({ ...TokenAnswer, token: Type.String() }, { additionalProperties: false }),
    handle: async ({ body, signedIn, services }) => {
      const { userId = signedIn.actor.userId, name, expiresInDays } = body;
      // What rules over others is given on only where it is asked for.
      const { scopes = signedIn.scopes.filter((scope) => scope !== 'admin') } = body;
      const isOwn = userId === signedIn.actor.userId;
      const mayKnow = isOwn || signedIn.actor.role === 'owner';
      if (!mayKnow || !(await services.signIn.knows(userId))) {
        throw new RequestProblem(problem(404, 'not-found', 'There is no such account.'));
      }
      if (!isOwn && !hasScope(signedIn.scopes, 'admin')) {
        throw forbidden('To make a token for another person requires the scope "admin".');
      }
      const missing = scopes.find((scope) => !hasScope(signedIn.scopes, scope));
      if (missing !== undefined) {
        throw forbidden(`This token cannot give the scope "${missing}": it does not have it.`);
      }
      const { token, info } = await services.tokens.create({
        userId,
        name,
        scopes,
        ...(expiresInDays === undefined
          ? {}
          : { expiresAt: new Date(Date.now() + expiresInDays * DAY_MS) }),
      });
      return { ...info, token };
    },
  }),
  plainRoute({
    method: 'delete',
    path: '/me/tokens/{tokenId}',
    operationId: 'revokeToken',
    summary: 'Revoke an API token',
    tag,
    requires: { role: 'member', scope: 'write' },
    parameters: Type.Object({ tokenId: Uuid }),
    success: 204,
    handle: async ({ parameters, signedIn, services }) => {
      const { userId } = signedIn.actor;
      if (!(await services.tokens.revoke(userId, parameters.tokenId ?? ''))) {
        throw new RequestProblem(problem(404, 'not-found', 'There is no such token.'));
      }
      services.signIn.forget(userId);
      return undefined;
    },
  }),
];
