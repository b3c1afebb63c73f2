import { expect } from 'chai';
import type { Actor, CommandData, CommandName } from '../../../src/commands/command.js';
import { movieRatings } from '../../../src/queries/catalogue/movieRatings.js';
import { movieState } from '../../../src/queries/viewing/movieState.js';
import { answersOf } from '../../support/service/answers.js';
import { textOf } from '../../support/service/httpClient.js';
import { startReellog, type Person, type RunningReellog } from '../../support/service/reellog.js';

const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

/** Of a running service, after commands: several read models have their part in these answers. */
describe('Of one film', () => {
  let service: RunningReellog;
  let ada: Person;
  let bob: Person;
  let movieId: string;
  let films = 0;

  before(async () => {
    service = await startReellog();
    ada = await service.register('Ada');
    bob = await service.register('Bob');
  });
  after(() => service.close());

  /** Each test has a film that nobody has done anything with. */
  beforeEach(async () => {
    films += 1;
    const { id } = await by(service.owner, 'owner')('ImportMovie', {
      ...{ title: `Film ${films}`, runtimeMinutes: 100, releaseDate: '1979-05-25' },
    });
    movieId = id;
  });

  const by =
    ({ userId }: Person, role: Actor['role'] = 'member') =>
    <Name extends CommandName>(name: Name, data: CommandData<Name>) =>
      service.reellog.execute({ name, data, actor: { userId, role } });
  const removeFilm = () => by(service.owner, 'owner')('RemoveMovie', { movieId });

  const stateFor = async ({ token }: Person) => {
    await service.caughtUp();
    const path = `/movies/${movieId}/state`;
    const { movieId: about, ...rest } = await answersOf(service).ask(movieState, path, token);
    expect(about).to.equal(movieId);
    return rest;
  };
  const nothing = {
    ...{ state: 'none', inWatchlist: false, wantToRewatch: false, favorite: false, plays: 0 },
    ...{ lastWatchedAt: null, rating: null, review: null, spoiler: false },
    ...{ ratedAt: null, reviewedAt: null, addedToFavoritesAt: null, addedToWatchlistAt: null },
  };

  describe('the state of a film', () => {
    it('is nothing at first, and for everybody who did nothing', async () => {
      expect(await stateFor(ada)).to.deep.equal(nothing);
      await by(ada)('AddToFavorites', { movieId });
      expect(await stateFor(bob)).to.deep.equal(nothing);
    });

    it('is told of a film that was watched before the catalogue knows it', async () => {
      const played = await service.api({
        ...{ method: 'POST', path: '/me/watches', token: ada.token },
        body: { tmdbId: 1_000_000 + films, watched: { at: '2026-02-06T20:15:00.000Z' } },
      });
      expect(played.status, played.text).to.equal(201);
      await service.caughtUp();
      const { json } = await service.api({ path: '/me/history?limit=1', token: ada.token });
      movieId = textOf(json, 'watches', 0, 'movieId');
      expect(await stateFor(ada)).to.include({ state: 'watched', plays: 1 });
      const { status } = await service.api({ path: `/movies/${movieId}/state`, token: bob.token });
      expect(status).to.equal(404);
    });

    it('is all that a person has done with it', async () => {
      const at = '2026-02-06T20:15:00.000Z';
      const does = by(ada);
      const [wishedAt, saidAt] = ['2019-05-01T19:00:00.000Z', '2026-02-07T09:00:00.000Z'];
      await does('AddToWatchlist', { movieId, at: '2019-05-01T21:00:00+02:00' });
      expect(await stateFor(ada)).to.deep.equal({
        ...{ ...nothing, state: 'want_to_watch', inWatchlist: true, addedToWatchlistAt: wishedAt },
      });
      await does('RecordWatchEvent', { movieId, watched: { at } });
      await does('RecordWatchEvent', { movieId, watched: { date: '2025-12-24' } });
      await does('RecordWatchEvent', { movieId, watched: 'unknown' });
      const said = { rating: 9.5, review: 'The cat survives.', spoiler: true };
      await does('RateMovie', { movieId, ...said, at: saidAt });
      await does('AddToFavorites', { movieId, at: saidAt });
      expect(await stateFor(ada)).to.deep.equal({
        ...{ state: 'watched', inWatchlist: true, wantToRewatch: false, favorite: true, plays: 3 },
        ...{ lastWatchedAt: at, ...said, ratedAt: saidAt, reviewedAt: saidAt },
        ...{ addedToFavoritesAt: saidAt, addedToWatchlistAt: wishedAt },
      });
    });

    it('goes back with what is taken back', async () => {
      const does = by(ada);
      const { id: first } = await does('RecordWatchEvent', {
        movieId,
        watched: { date: '2025-12-24' },
      });
      const { id: last } = await does('RecordWatchEvent', {
        movieId,
        watched: { date: '2026-02-06' },
      });
      await does('RateMovie', { movieId, rating: 0 });
      await does('AddToFavorites', { movieId });
      expect(await stateFor(ada)).to.include({
        rating: 0,
        lastWatchedAt: '2026-02-06T12:00:00.000Z',
      });
      await does('RemoveWatch', { movieId, playId: last });
      expect(await stateFor(ada)).to.include({
        plays: 1,
        lastWatchedAt: '2025-12-24T12:00:00.000Z',
      });
      await does('RemoveWatch', { movieId, playId: first });
      await does('RemoveRating', { movieId });
      await does('RemoveFromFavorites', { movieId });
      expect(await stateFor(ada)).to.deep.equal(nothing);
      await does('RestoreWatch', { movieId, playId: first });
      expect(await stateFor(ada)).to.include({ state: 'watched', plays: 1 });
    });

    it('keeps a review without a rating, and forgets its spoiler with it', async () => {
      const does = by(ada);
      await does('RateMovie', { movieId, rating: 7 });
      await does('WriteReview', { movieId, review: 'The cat survives.', spoiler: true });
      await does('RemoveRating', { movieId });
      expect(await stateFor(ada)).to.include({
        rating: null,
        review: 'The cat survives.',
        spoiler: true,
      });
      await does('RemoveReview', { movieId });
      expect(await stateFor(ada)).to.deep.equal(nothing);
    });

    it('says what a person wants to see again, and what they dropped', async () => {
      const does = by(ada);
      await does('SetWatchState', { movieId, state: 'watched', recordPlay: true });
      expect(await stateFor(ada)).to.include({ state: 'watched', plays: 1, lastWatchedAt: null });
      await does('SetWatchState', { movieId, state: 'want_to_watch' });
      expect(await stateFor(ada)).to.include({
        state: 'watched',
        inWatchlist: true,
        wantToRewatch: true,
      });
      await does('SetWatchState', { movieId, state: 'dropped' });
      expect(await stateFor(ada)).to.include({ state: 'dropped', plays: 1, wantToRewatch: false });
    });

    it('outlives the film in the catalogue; that of a film nobody knows is not found', async () => {
      await by(ada)('AddToFavorites', { movieId });
      await removeFilm();
      expect(await stateFor(ada)).to.include({ favorite: true });
      const answer = await service.api({ path: `/movies/${UNKNOWN}/state` });
      expect(answer.status).to.equal(404);
    });
  });

  describe('the ratings of a film', () => {
    const ratings = async ({ token } = bob) => {
      await service.caughtUp();
      const path = `/movies/${movieId}/ratings`;
      const { count, mean } = await answersOf(service).ask(movieRatings, path, token);
      return { count, mean };
    };

    it('have a count and a mean to one decimal, each person’s last word counting once', async () => {
      expect(await ratings()).to.deep.equal({ count: 0, mean: null });
      await by(ada)('RateMovie', { movieId, rating: 0 });
      expect(await ratings(ada)).to.deep.equal({ count: 1, mean: 0 });
      expect(await ratings()).to.deep.equal({ count: 1, mean: null });
      await by(ada)('RateMovie', { movieId, rating: 9.6 });
      await by(bob)('RateMovie', { movieId, rating: 7.5 });
      await by(service.member)('RateMovie', { movieId, rating: 8 });
      expect(await ratings()).to.deep.equal({ count: 3, mean: 8.4 });
      await by(bob)('RateMovie', { movieId, rating: 7.3 });
      await by(service.member)('RemoveRating', { movieId });
      // 8.45: halves go up.
      expect(await ratings()).to.deep.equal({ count: 2, mean: 8.5 });
      await by(ada)('RemoveRating', { movieId });
      await by(bob)('RemoveRating', { movieId });
      expect(await ratings()).to.deep.equal({ count: 0, mean: null });
    });

    it('are not found for a film that is removed or that nobody knows', async () => {
      await by(ada)('RateMovie', { movieId, rating: 9 });
      await removeFilm();
      await service.caughtUp();
      for (const id of [movieId, UNKNOWN]) {
        expect((await service.api({ path: `/movies/${id}/ratings` })).status).to.equal(404);
      }
    });
  });
});
