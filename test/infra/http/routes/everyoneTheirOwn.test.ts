import { expect } from 'chai';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { memberOf, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import {
  startReellog,
  type Person,
  type RunningReellog,
} from '../../../support/service/reellog.js';
import {
  addressOf,
  FILM,
  goodBodies,
  LIBRARY,
  OTHER_FILM,
  prepare,
  REMOVED_FILM,
  REMOVED_WATCH,
  routeOf,
  takesBody,
  WATCH,
} from '../requests.js';

/** What takes an owner or an admin: what is everybody's, accounts, and how the service is. */
const adminsOnly = [
  ...['importMovie', 'editMovie', 'unlockMovieFields', 'refreshMovie', 'removeMovie'],
  ...['setMovieImage', 'removeMovieImage'],
  ...['restoreMovie', 'createLibrary', 'renameLibrary', 'changeLibraryPaths', 'removeLibrary'],
  ...['registerAccount', 'listProjections', 'requestRebuild', 'listRebuilds', 'getRebuild'],
  ...['followRebuilds', 'followRebuild', 'throttleRebuild', 'cancelRebuild', 'rollBackRebuild'],
  ...['dropRebuild', 'listParked', 'getParked', 'retryParked', 'discardParked'],
  ...['importRadarr', 'listImports', 'getImport', 'listJobs', 'runJob', 'listJobRuns'],
  ...['listWork', 'retryWork', 'discardWork', 'retryFailedWork', 'discardFailedWork'],
];

/** What takes an owner. */
const ownersOnly = [
  ...['listAllTokens', 'revokeAnyToken', 'listAccounts', 'changeRole', 'removeAccount'],
];

const NOTE = 'Nobody else’s business';
const REVIEW = 'The cannon made me cry.';

describe('Everybody', () => {
  let reellog: RunningReellog;
  let admin: Person;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
    for (const [method, path, body] of [
      ['PATCH', `/movies/${FILM}/watches/${WATCH}`, { note: NOTE }],
      ['PUT', `/movies/${FILM}/rating`, { rating: 9.5, review: REVIEW }],
      ['PUT', `/movies/${FILM}/favorite`],
      ['PUT', `/movies/${FILM}/watchlist`],
      ['PATCH', '/me', { displayName: 'Buster' }],
      ['POST', '/me/tokens', { name: 'Living room' }],
    ] as const) {
      const { status, text } = await reellog.api({ method, path, ...(body ? { body } : {}) });
      expect(status, text).to.be.lessThan(300);
    }
    const registered = await reellog.api({
      ...{ method: 'POST', path: '/accounts', body: { displayName: 'Admin', role: 'admin' } },
    });
    const userId = textOf(registered.json, 'id');
    const made = await reellog.api({
      ...{ method: 'POST', path: '/me/tokens' },
      body: { name: 'first', userId, scopes: ['read', 'write', 'admin'] },
    });
    admin = { userId, token: textOf(made.json, 'token') };
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  const to = (
    operationId: string,
    { token }: Person,
    ids: Readonly<Record<string, string>> = {},
    body: object | undefined = goodBodies[operationId],
  ): Promise<HttpAnswer> => {
    const route = routeOf(operationId);
    const request = { method: route.method.toUpperCase(), path: addressOf(route, ids), token };
    if (route.kind === 'stream') return reellog.begun(request);
    return reellog.api({ ...request, ...(takesBody(route) ? { body } : {}) });
  };

  describe('reads their own alone:', () => {
    it('no answer to another person holds what the owner watched, wrote, named or made', async () => {
      const ownerTokens = await reellog.reellog.tokens.list({ userId: reellog.owner.userId });
      const secrets = [
        ...[WATCH, REMOVED_WATCH, NOTE, REVIEW, 'Buster', 'Living room', reellog.owner.userId],
        ...ownerTokens.map(({ id }) => id),
      ];
      const reads = routes.filter(({ method }) => method === 'get');
      let toldToOwner = '';
      for (const { operationId } of reads) {
        toldToOwner += (await to(operationId, reellog.owner)).text;
        for (const person of [reellog.member, admin]) {
          const { status, text } = await to(operationId, person);
          const allowed =
            !ownersOnly.includes(operationId) &&
            (person === admin || !adminsOnly.includes(operationId));
          if (allowed) expect(status, operationId).to.equal(200);
          for (const secret of secrets) expect(text, operationId).not.to.include(secret);
        }
      }
      for (const shown of [WATCH, NOTE, REVIEW, 'Buster', 'Living room', reellog.owner.userId]) {
        expect(toldToOwner).to.include(shown);
      }
    });

    it('lists, numbers and the state of a film are empty for whoever did nothing', async () => {
      const lists = [
        ['listHistory', 'watches'],
        ['listMovieWatches', 'watches'],
        ['listWatchlist', 'entries'],
        ['listFavorites', 'favorites'],
        ['listRatings', 'ratings'],
      ] as const;
      for (const [operationId, name] of lists) {
        const mine = await to(operationId, reellog.owner);
        expect(memberOf(mine.json, name), operationId).not.to.deep.equal([]);
        const theirs = await to(operationId, reellog.member);
        expect(memberOf(theirs.json, name), operationId).to.deep.equal([]);
      }
      const state = await to('getMovieState', reellog.member);
      expect(memberOf(state.json, 'favorite')).to.equal(false);
      expect(memberOf(state.json, 'rating')).to.equal(null);
      expect(memberOf(state.json, 'plays')).to.equal(0);
      const stats = await to('getStats', reellog.member);
      expect(memberOf(stats.json, 'moviePlays')).to.equal(0);
      const achievements = await to('listAchievements', reellog.member);
      expect(memberOf(achievements.json, 'earned')).to.equal(0);
    });

    it('of ratings only count and mean are everybody’s, and the mean of one is its author’s', async () => {
      const { json } = await to('getMovieRatings', reellog.member);
      expect(json).to.include({ count: 1, mean: null });
      const own = await to('getMovieRatings', reellog.owner);
      expect(own.json).to.include({ count: 1, mean: 9.5 });
    });

    it('where libraries are is told to owners and admins alone', async () => {
      for (const [person, told] of [
        [reellog.owner, true],
        [reellog.member, false],
        [admin, true],
      ] as const) {
        const { json } = await to('listLibraries', person);
        const library = memberOf(json, 'libraries', 0);
        expect(library).to.be.an('object');
        expect(memberOf(library, 'paths') !== undefined).to.equal(told);
      }
    });
  });

  describe('changes their own alone:', () => {
    it('another person’s watch is not there for them', async () => {
      const head = await reellog.head();
      for (const person of [reellog.member, admin]) {
        for (const operationId of ['amendWatch', 'removeWatch', 'restoreWatch']) {
          for (const watchId of [WATCH, REMOVED_WATCH]) {
            const answer = await to(operationId, person, { watchId });
            expect(answer.status, `${operationId} ${answer.text}`).to.equal(404);
            expect(memberOf(answer.json, 'type')).to.equal('/problems/watch-not-found');
          }
        }
      }
      expect(await reellog.head()).to.equal(head);
    });

    it('another person’s token is not there for them, and goes on being good', async () => {
      const { token, info } = await reellog.reellog.tokens.create({
        ...{ userId: reellog.member.userId, name: 'Kitchen' },
      });
      for (const person of [reellog.owner, admin]) {
        expect((await to('revokeToken', person, { tokenId: info.id })).status).to.equal(404);
      }
      expect((await reellog.api({ path: '/me', token })).status).to.equal(200);
    });

    it('a watch under the id of another person’s watch is one of their own', async () => {
      const before = await to('listMovieWatches', reellog.owner);
      const body = { playId: WATCH, watched: { date: '2001-01-01' }, note: 'Admin’s own' };
      expect((await to('recordWatch', admin, {}, body)).status).to.equal(201);
      await reellog.caughtUp();
      const theirs = await to('listMovieWatches', admin);
      expect(memberOf(theirs.json, 'watches', 0, 'note')).to.equal('Admin’s own');
      expect((await to('removeWatch', admin)).status).to.equal(204);
      await reellog.caughtUp();
      expect((await to('listMovieWatches', reellog.owner)).json).to.deep.equal(before.json);
      expect(before.text).to.include(NOTE);
    });

    it('what a member takes back of a film leaves the owner’s as it was', async () => {
      const before = await to('getMovieState', reellog.owner);
      for (const operationId of [
        'removeRating',
        'removeReview',
        'removeFavorite',
        'removeFromWatchlist',
      ]) {
        const answer = await to(operationId, reellog.member);
        expect(answer.status, `${operationId} ${answer.text}`).to.be.oneOf([204, 404]);
      }
      await reellog.caughtUp();
      expect((await to('getMovieState', reellog.owner)).json).to.deep.equal(before.json);
      expect(memberOf(before.json, 'review')).to.equal(REVIEW);
    });
  });

  describe('may do what their role allows:', () => {
    it('a member nothing that takes an owner or an admin', async () => {
      const head = await reellog.head();
      for (const operationId of [...adminsOnly, ...ownersOnly]) {
        const answer = await to(operationId, reellog.member);
        expect(answer.status, `${operationId} ${answer.text}`).to.equal(403);
        expect(memberOf(answer.json, 'type')).to.equal('/problems/forbidden');
      }
      expect(await reellog.head()).to.equal(head);
    });

    it('a member is told so also of what is not there, and learns nothing of it', async () => {
      const answers = await Promise.all([
        to('editMovie', reellog.member, { movieId: '00000000-0000-4000-8000-00000000dead' }),
        to('editMovie', reellog.member, { movieId: REMOVED_FILM }),
        to('removeLibrary', reellog.member, { libraryId: '00000000-0000-4000-8000-00000000dead' }),
        to('removeLibrary', reellog.member, { libraryId: LIBRARY }),
      ]);
      expect(answers.map(({ status }) => status)).to.deep.equal([403, 403, 403, 403]);
    });

    it('a member everything else', async () => {
      const { token } = reellog.member;
      const film = { movieId: OTHER_FILM };
      const recorded = await reellog.api({
        ...{ method: 'POST', path: `/movies/${OTHER_FILM}/watches`, body: {}, token },
      });
      const watchId = textOf(recorded.json, 'id');
      const { info } = await reellog.reellog.tokens.create({
        ...{ userId: reellog.member.userId, name: 'Cellar' },
      });
      const ids = { ...film, watchId, tokenId: info.id };
      const others = routes
        .map(({ operationId }) => operationId)
        .filter((operationId) => ![...adminsOnly, ...ownersOnly].includes(operationId));
      // A watch is restored once it was removed.
      const inOrder = [...others].sort(
        (a, b) => Number(a === 'restoreWatch') - Number(b === 'restoreWatch'),
      );
      for (const operationId of inOrder) {
        const answer = await to(operationId, reellog.member, ids);
        expect(answer.status, `${operationId} ${answer.text}`).to.be.lessThan(300);
      }
    });

    it('an admin what a member may not', async () => {
      for (const operationId of [
        ...['importMovie', 'editMovie', 'createLibrary', 'listProjections'],
        ...['requestRebuild', 'listRebuilds', 'followRebuilds'],
      ]) {
        const answer = await to(operationId, admin);
        expect(answer.status, `${operationId} ${answer.text}`).to.be.lessThan(300);
      }
      const member = await to('registerAccount', admin);
      expect(member.status).to.equal(201);
    });

    it('only an owner makes owners and admins, and first tokens for others', async () => {
      const { userId } = reellog.member;
      for (const role of ['owner', 'admin']) {
        const body = { displayName: 'Impostor', role };
        expect((await to('registerAccount', admin, {}, body)).status).to.equal(403);
        expect((await to('registerAccount', reellog.member, {}, body)).status).to.equal(403);
      }
      const body = { name: 'Yours', userId };
      expect((await to('createToken', admin, {}, body)).status).to.equal(404);
      const forOwner = { name: 'Mine now', userId: reellog.owner.userId };
      for (const person of [reellog.member, admin]) {
        expect((await to('createToken', person, {}, forOwner)).status).to.equal(404);
      }
      const made = await to('createToken', reellog.owner, {}, body);
      expect(made.status).to.equal(201);
      const profile = await reellog.api({ path: '/me', token: textOf(made.json, 'token') });
      expect(memberOf(profile.json, 'id')).to.equal(userId);
    });

    it('nobody gives themselves another role', async () => {
      for (const person of [reellog.member, admin]) {
        const answer = await to('changeProfile', person, {}, { role: 'owner' });
        expect(answer.status).to.equal(400);
      }
      const profile = await to('getProfile', reellog.member);
      expect(memberOf(profile.json, 'role')).to.equal('member');
    });
  });
});
