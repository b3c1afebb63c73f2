import { expect } from 'chai';
import { scopes, type Scope } from '../../../../src/domain/account/permissions.js';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { memberOf, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { document } from '../openapi/documented.js';
import {
  FILM,
  addressOf,
  goodBodies,
  prepare,
  routeOf,
  takesBody,
  unknownOf,
} from '../requests.js';

const roles = ['member', 'admin', 'owner'] as const;
type Role = (typeof roles)[number];

/** What each operation takes. One that is missing here has not been thought about. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'member read': [
    ...['countMovies', 'getMovie', 'listMovies', 'listSimilarMovies', 'listGenres', 'listStudios'],
    ...['listKeywords', 'getMovieRatings', 'getMovieCredits', 'getPerson', 'getMovieState'],
    ...['search', 'completeSearch'],
    ...['listMovieWatches', 'getProfile', 'listHistory', 'listWatchlist', 'listFavorites'],
    ...['listRatings', 'getStats', 'getStreaks', 'listAchievements', 'listLibraries'],
    ...['listTokens', 'listCollections', 'getCollection'],
  ],
  'member watch': [
    ...['recordWatch', 'recordWatchByExternalId', 'amendWatch', 'removeWatch', 'restoreWatch'],
    ...['rateMovie', 'removeRating', 'writeReview', 'removeReview', 'addFavorite'],
    ...['removeFavorite', 'addToWatchlist', 'removeFromWatchlist', 'setWatchState'],
    ...['markAchievementsSeen'],
  ],
  'member write': ['changeProfile', 'createToken', 'revokeToken'],
  'admin write': [
    ...['importMovie', 'editMovie', 'unlockMovieFields', 'refreshMovie', 'removeMovie'],
    ...['setMovieImage', 'removeMovieImage'],
    ...['restoreMovie', 'createLibrary', 'renameLibrary', 'changeLibraryPaths', 'removeLibrary'],
  ],
  'admin admin': [
    ...['registerAccount', 'listProjections', 'requestRebuild', 'listRebuilds', 'getRebuild'],
    ...['followRebuilds', 'followRebuild', 'throttleRebuild', 'cancelRebuild', 'rollBackRebuild'],
    ...['dropRebuild', 'listParked', 'getParked', 'retryParked', 'discardParked'],
    ...['listJobs', 'runJob', 'listJobRuns', 'listWork', 'retryWork', 'discardWork'],
    ...['retryFailedWork', 'discardFailedWork'],
    ...['importRadarr', 'listImports', 'getImport'],
  ],
  'owner admin': [
    ...['listAllTokens', 'revokeAnyToken', 'listAccounts', 'changeRole', 'removeAccount'],
  ],
};

interface Operation {
  readonly id: string;
  readonly role: Role;
  readonly scope: Scope;
}

/** Every operation of the document that takes a token, with what the document says of it. */
const operations: readonly Operation[] = Object.values(
  memberOf(document, 'paths') as Readonly<Record<string, object>>,
).flatMap((item) =>
  Object.values(item)
    .filter((operation: unknown) => memberOf(operation, 'x-role') !== undefined)
    .map((operation: unknown) => ({
      id: textOf(operation, 'operationId'),
      role: roles.find((role) => role === memberOf(operation, 'x-role')) ?? 'owner',
      scope:
        scopes.find((one) => one === memberOf(operation, 'security', 0, 'token', 0)) ?? 'admin',
    })),
);

/** A token can be made with the scopes of the one that makes it alone. */
const bodies: Readonly<Record<string, object>> = { ...goodBodies, createToken: { name: 'Script' } };

const covers = (granted: Scope, needed: Scope): boolean =>
  granted === needed || (granted === 'write' && needed === 'watch');

describe('Permissions', () => {
  let reellog: RunningReellog;
  const tokens = new Map<string, string>();

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
    for (const role of roles) {
      const { id: userId } = await reellog.reellog.execute({
        name: 'RegisterAccount',
        data: { displayName: role, role },
        actor: { userId: reellog.owner.userId, role: 'owner' },
      });
      for (const scope of scopes) {
        const made = await reellog.reellog.tokens.create({ userId, name: scope, scopes: [scope] });
        tokens.set(`${role} ${scope}`, made.token);
      }
    }
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  /** Sends a good request about things that are not there: what is allowed changes as little as it can. */
  const to = (operationId: string, token: string | undefined): Promise<HttpAnswer> => {
    const route = routeOf(operationId);
    const ids = Object.fromEntries(
      [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, unknownOf(name)]),
    );
    const request = { method: route.method.toUpperCase(), path: addressOf(route, ids), token };
    if (route.kind === 'stream') return reellog.begun(request);
    return reellog.api({
      ...request,
      ...(takesBody(route) ? { body: bodies[operationId] } : {}),
    });
  };

  it('are declared for every operation as they should be', () => {
    const declared: Record<string, string[]> = {};
    for (const { id, role, scope } of operations) (declared[`${role} ${scope}`] ??= []).push(id);
    expect(Object.keys(declared)).to.have.members(Object.keys(expected));
    for (const [permission, ids] of Object.entries(expected)) {
      expect(declared[permission], permission).to.have.members([...ids]);
    }
    expect(operations.map(({ id }) => id)).to.have.members(
      routes.map(({ operationId }) => operationId),
    );
  });

  for (const role of roles) {
    for (const scope of scopes) {
      it(`let the scope ${scope} of the role ${role} do what the document says, and no more`, async () => {
        const token = tokens.get(`${role} ${scope}`);
        for (const operation of operations) {
          const allowed =
            roles.indexOf(role) >= roles.indexOf(operation.role) && covers(scope, operation.scope);
          const before = allowed ? undefined : await reellog.head();
          const answer = await to(operation.id, token);
          const told = `${operation.id}: ${answer.status} ${answer.text}`;
          if (allowed) {
            expect(answer.status, told).to.be.lessThan(500);
            expect(answer.status, told).not.to.be.oneOf([401, 403]);
            continue;
          }
          expect(answer.status, told).to.equal(403);
          expect(memberOf(answer.json, 'type'), told).to.equal('/problems/forbidden');
          expect(await reellog.head(), told).to.equal(before);
        }
      });
    }
  }

  it('tell a token that lacks a scope which one', async () => {
    const answer = await to('getProfile', tokens.get('owner admin'));
    expect(memberOf(answer.json, 'detail')).to.equal('Requires a token with the scope "read".');
    expect(answer.headers['www-authenticate']).to.equal(
      'Bearer realm="reellog", error="insufficient_scope", scope="read"',
    );
  });

  it('hold also for an answer that is in the cache, for HEAD and for a moment of the past', async () => {
    const path = `/movies/${FILM}`;
    const reader = tokens.get('member read');
    for (const time of [1, 2]) {
      expect((await reellog.api({ path, token: reader })).status, String(time)).to.equal(200);
    }
    for (const scope of ['watch', 'write', 'admin']) {
      const token = tokens.get(`owner ${scope}`);
      expect((await reellog.api({ path, token })).status).to.equal(403);
      expect((await reellog.api({ method: 'HEAD', path, token })).status).to.equal(403);
      expect((await reellog.api({ path: `${path}?asOf=1`, token })).status).to.equal(403);
    }
  });

  it('let the token of the first start do everything', async () => {
    const list = await reellog.api({ path: '/me/tokens' });
    expect(memberOf(list.json, 'tokens', 0, 'scopes')).to.deep.equal([...scopes]);
  });
});
