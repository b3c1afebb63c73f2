import { expect } from 'chai';
import { textOf, type HttpAnswer, type HttpRequest } from '../../../support/service/httpClient.js';
import {
  startReellog,
  type Person,
  type RunningReellog,
} from '../../../support/service/reellog.js';

const AT = '2026-02-06T20:15:00.000Z';

/** Of a film that the catalogue does not know when it is watched (SEMANTICS D1.10). */
describe('A film that was watched before the catalogue knows it', () => {
  let service: RunningReellog;
  let ada: Person;
  let bob: Person;
  let movieId: string;
  let watchId: string;
  let tmdbId = 2_000_000;

  before(async () => {
    service = await startReellog();
    ada = await service.register('Ada');
    bob = await service.register('Bob');
  });
  after(() => service.close());

  const sends = async (
    { token }: Person,
    method: NonNullable<HttpRequest['method']>,
    path: string,
    body?: object,
  ): Promise<HttpAnswer> =>
    service.api({ method, path, token, ...(body === undefined ? {} : { body }) });
  const shows = async (path: string): Promise<unknown> => {
    await service.caughtUp();
    const { status, json, text } = await service.api({ path, token: ada.token });
    expect(status, text).to.equal(200);
    return json;
  };

  beforeEach(async () => {
    tmdbId += 1;
    const played = await sends(ada, 'POST', '/me/watches', { tmdbId, watched: { at: AT } });
    expect(played.status, played.text).to.equal(201);
    watchId = textOf(played.json, 'id');
    movieId = textOf(await shows('/me/history?limit=1&sort=recorded'), 'watches', 0, 'movieId');
  });

  it('can have its watch amended, removed and restored like any other', async () => {
    const watch = `/movies/${movieId}/watches/${watchId}`;
    const day = { watched: { date: '2026-02-05' } };
    expect(await sends(ada, 'PATCH', watch, day)).to.include({ status: 200 });
    expect(
      textOf(await shows(`/movies/${movieId}/watches`), 'watches', 0, 'watched', 'localDate'),
    ).to.equal('2026-02-05');
    expect(await sends(ada, 'DELETE', watch)).to.include({ status: 204 });
    expect(await shows(`/movies/${movieId}/state`)).to.include({ state: 'none', plays: 0 });
    expect(await sends(ada, 'POST', `${watch}/restore`)).to.include({ status: 200 });
    expect(await shows(`/movies/${movieId}/state`)).to.include({ state: 'watched', plays: 1 });
  });

  it('can be watched again, rated, reviewed, listed and made a favourite', async () => {
    const film = `/movies/${movieId}`;
    const again = { watched: { date: '2026-02-07' } };
    expect(await sends(ada, 'POST', `${film}/watches`, again)).to.include({ status: 201 });
    expect(await sends(ada, 'PUT', `${film}/rating`, { rating: 7.1 })).to.include({ status: 200 });
    expect(await sends(ada, 'PUT', `${film}/review`, { review: 'Good.' })).to.include({
      status: 200,
    });
    for (const list of ['favorite', 'watchlist']) {
      expect(await sends(ada, 'PUT', `${film}/${list}`)).to.include({ status: 200 });
    }
    expect(await shows(`${film}/state`)).to.include({
      ...{ state: 'watched', plays: 2, rating: 7.1, review: 'Good.' },
      ...{ favorite: true, inWatchlist: true, wantToRewatch: true },
    });
  });

  it('is unknown to everybody else', async () => {
    for (const [method, what, body] of [
      ['PUT', 'rating', { rating: 5 }],
      ['PUT', 'favorite', undefined],
      ['DELETE', 'rating', undefined],
      ['POST', 'watches', { watched: { at: AT } }],
    ] as const) {
      const answer = await sends(bob, method, `/movies/${movieId}/${what}`, body);
      expect(answer, answer.text).to.include({ status: 404 });
    }
  });

  it('is called by its name in every list as soon as the catalogue has it, and by a better one', async () => {
    await sends(ada, 'PUT', `/movies/${movieId}/rating`, { rating: 7.1 });
    await sends(ada, 'PUT', `/movies/${movieId}/favorite`);
    const named = async () => ({
      watches: textOf(await shows(`/movies/${movieId}/watches`), 'watches', 0, 'title'),
      history: textOf(await shows(`/me/history?movieId=${movieId}`), 'watches', 0, 'title'),
      ratings: textOf(await shows('/me/ratings?limit=1'), 'ratings', 0, 'title'),
      favorites: textOf(await shows('/me/favorites?limit=1'), 'favorites', 0, 'title'),
      watchlist: textOf(await shows('/me/watchlist?limit=1'), 'entries', 0, 'title'),
    });
    const all = (title: string) => ({
      ...{ watches: title, history: title, ratings: title, favorites: title, watchlist: title },
    });
    expect(await named()).to.deep.equal(all('?'));
    const film = { tmdbId, title: 'Alein', year: 1979 };
    expect(await sends(service.owner, 'POST', '/movies', film)).to.include({ status: 201 });
    expect(await named()).to.deep.equal(all('Alein'));
    const better = { title: 'Alien' };
    await sends(service.owner, 'PATCH', `/movies/${movieId}`, better);
    expect(await named()).to.deep.equal(all('Alien'));
    // People keep their history of a film that is removed, and what it was called.
    await sends(service.owner, 'DELETE', `/movies/${movieId}`);
    expect(await named()).to.deep.equal(all('Alien'));
  });
});
