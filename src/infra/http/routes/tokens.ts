import { Type } from 'typebox';
import { hasScope, scopes as allScopes } from '../../../domain/account/permissions.js';
import { Instant, Line, Uuid } from '../../../domain/schemas.js';
import { decodeCursor, isDateText, listKey, pageOf } from '../../../queries/serving/cursor.js';
import { nextCursor, paging } from '../../../queries/serving/listParameters.js';
import { TokenRefused, type TokenInfo } from '../../auth/apiTokens.js';
import { problem, RequestProblem } from '../problems.js';
import { plainRoute, type Route, type RouteServices } from '../route.js';

const tag = 'Accounts and tokens';
const ownTokens = { role: 'member', scope: 'write' } as const;
const everybodys = { role: 'owner', scope: 'admin' } as const;

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
const TokenOfSomebody = Type.Object(
  {
    ...TokenAnswer,
    userId: Uuid,
    madeWith: Type.Union([Uuid, Type.Null()], {
      description: 'The token that it was made with, and ends with.',
    }),
  },
  { additionalProperties: false },
);
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

const DAY_MS = 86_400_000;

const forbidden = (detail: string): RequestProblem =>
  new RequestProblem(problem(403, 'forbidden', detail));
const noSuchToken = (): RequestProblem =>
  new RequestProblem(problem(404, 'not-found', 'There is no such token.'));

/** A page of the tokens of one person, or of everybody. */
const listed = async (
  { tokens }: RouteServices,
  asked: { readonly userId?: string; readonly limit: number; readonly cursor?: string },
) => {
  const { limit, cursor, userId } = asked;
  const list = listKey('tokens', userId);
  const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isDateText);
  const rows = await tokens.list({
    limit: limit + 1,
    ...(userId === undefined ? {} : { userId }),
    ...(place === undefined ? {} : { after: { createdAt: String(place.value), id: place.id } }),
  });
  const { page, nextCursor: next } = pageOf(rows, limit, list, ({ createdAt, id }) => ({
    value: createdAt,
    id,
  }));
  return { page, nextCursor: next };
};

/** A token as the person sees it whose it is: who else had a part in it is not theirs to know. */
const own = ({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: TokenInfo) => ({
  ...{ id, name, scopes, createdAt, expiresAt, lastUsedAt },
});

/** @throws {RequestProblem} for what is refused */
const orProblem = (error: unknown): never => {
  if (!(error instanceof TokenRefused)) throw error;
  const [status, code] =
    error.reason === 'too-many'
      ? ([409, 'too-many-tokens'] as const)
      : ([401, 'unauthenticated'] as const);
  throw new RequestProblem(problem(status, code, error.message), { cause: error });
};

/** The tokens that sign in. */
export const tokenRoutes: readonly Route[] = [
  plainRoute({
    method: 'get',
    path: '/me/tokens',
    operationId: 'listTokens',
    summary: 'Your API tokens',
    tag,
    requires: { role: 'member', scope: 'read' },
    parameters: Type.Object(paging(100, 500), { additionalProperties: false }),
    success: 200,
    answer: Type.Object(
      {
        tokens: Type.Array(Type.Object(TokenAnswer, { additionalProperties: false })),
        nextCursor,
      },
      { additionalProperties: false },
    ),
    handle: async ({ parameters, signedIn, services }) => {
      const { userId } = signedIn.actor;
      const { page, nextCursor: next } = await listed(services, { ...parameters, userId });
      return { tokens: page.map(own), nextCursor: next };
    },
  }),
  plainRoute({
    method: 'post',
    path: '/me/tokens',
    operationId: 'createToken',
    summary: 'Make an API token; it is shown once',
    tag,
    requires: ownTokens,
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
      const { token, info } = await services.tokens
        .create({
          userId,
          name,
          scopes,
          madeWith: signedIn.tokenId,
          ...(expiresInDays === undefined
            ? {}
            : { expiresAt: new Date(Date.now() + expiresInDays * DAY_MS) }),
        })
        .catch(orProblem);
      return { ...own(info), token };
    },
  }),
  plainRoute({
    method: 'delete',
    path: '/me/tokens/{tokenId}',
    operationId: 'revokeToken',
    summary: 'Revoke an API token and those made with it',
    tag,
    requires: ownTokens,
    parameters: Type.Object({ tokenId: Uuid }),
    success: 204,
    handle: async ({ parameters: { tokenId }, signedIn, services }) => {
      const people = await services.tokens.revoke(tokenId, signedIn.actor.userId);
      if (people.length === 0) throw noSuchToken();
      for (const userId of people) services.signIn.forget(userId);
    },
  }),
  plainRoute({
    method: 'get',
    path: '/tokens',
    operationId: 'listAllTokens',
    summary: "Everybody's API tokens (owners)",
    tag,
    requires: everybodys,
    parameters: Type.Object(
      { userId: Type.Optional(Uuid), ...paging(100, 500) },
      { additionalProperties: false },
    ),
    success: 200,
    answer: Type.Object(
      { tokens: Type.Array(TokenOfSomebody), nextCursor },
      { additionalProperties: false },
    ),
    handle: async ({ parameters, services }) => {
      const { page, nextCursor: next } = await listed(services, parameters);
      return { tokens: page, nextCursor: next };
    },
  }),
  plainRoute({
    method: 'delete',
    path: '/tokens/{tokenId}',
    operationId: 'revokeAnyToken',
    summary: "Revoke anybody's API token and those made with it (owners)",
    tag,
    requires: everybodys,
    parameters: Type.Object({ tokenId: Uuid }),
    success: 204,
    handle: async ({ parameters: { tokenId }, services }) => {
      const people = await services.tokens.revoke(tokenId);
      if (people.length === 0) throw noSuchToken();
      for (const userId of people) services.signIn.forget(userId);
    },
  }),
];
