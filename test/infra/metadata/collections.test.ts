import { expect } from 'chai';
import { collectionIdOf, movieIdOf } from '../../../src/domain/streams.js';
import { collection } from '../../../src/queries/catalogue/collections/collection.js';
import { collections } from '../../../src/queries/catalogue/collections/collections.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../support/providers/faultyServer.js';
import { eventually } from '../../support/run/eventually.js';
import { answersOf } from '../../support/service/answers.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

const film = (id: number, title: string, collectionTmdbId: number | null = 70) => ({
  ...{ id, title, overview: 'A film.', imdb_id: `tt70000${id}`, release_date: '2001-01-01' },
  belongs_to_collection: collectionTmdbId === null ? null : { id: collectionTmdbId, name: '?' },
});

const answers: Readonly<Record<string, object>> = {
  '/3/movie/701': film(701, 'Harbour'),
  '/3/movie/702': film(702, 'Harbour 2'),
  '/3/movie/801': film(801, 'Lantern', 80),
  '/3/movie/901': film(901, 'Alone', null),
  '/3/movie/404': film(404, 'Of a lost one', 99),
  '/3/find/tt70000702': { movie_results: [film(702, 'Harbour 2')] },
  '/3/collection/70': {
    ...{ id: 70, name: 'Harbours', overview: '', poster_path: '/harbours.jpg' },
    parts: [
      { id: 703, title: 'Harbour 3', release_date: '' },
      { id: 702, title: 'Harbour 2', release_date: '2003-01-01' },
      { id: 701, title: 'Harbour', release_date: '2001-01-01' },
    ],
  },
  '/3/collection/80': { id: 80, name: '2 Lanterns', parts: [{ id: 801, title: 'Lantern' }] },
};

const HARBOURS = collectionIdOf(70);
const LANTERNS = collectionIdOf(80);

describe('Collections of films', () => {
  let provider: FaultyServer;
  let service: RunningReellog;
  let ask: ReturnType<typeof answersOf>['ask'];
  let second: string;

  const importing = async (body: object): Promise<string> => {
    const { status, json, text } = await service.api({ method: 'POST', path: '/movies', body });
    expect(status, text).to.equal(201);
    return (json as { id: string }).id;
  };
  const movie = async (id: string): Promise<Record<string, unknown>> =>
    (await service.api({ path: `/movies/${id}` })).json as Record<string, unknown>;
  const watch = async (path: string, body: object = {}) => {
    const { status, text } = await service.api({ method: 'POST', path, body });
    expect(status, text).to.equal(201);
  };
  const askedFor = (path: string) =>
    provider.received.filter(({ url }) => url.pathname === path).length;

  before(async () => {
    provider = await startFaultyServer((url, _, response) => {
      const answer = answers[url.pathname];
      if (answer) sendJson(response, 200, answer);
      else sendJson(response, 404, { status_code: 34 });
    });
    service = await startReellog({ tmdbKey: 'a-key', tmdbUrl: `${provider.url}/3` });
    ({ ask } = answersOf(service));
    // Of its IMDb id alone, the film has an id that does not follow from TMDb's.
    second = await importing({ title: 'Harbour 2', imdbId: 'tt70000702' });
    for (const tmdbId of [701, 801, 901, 404]) await importing({ title: '?', tmdbId });
    const isThere = async (id: string) =>
      (await service.api({ path: `/collections/${id}` })).status === 200;
    for (const id of [HARBOURS, LANTERNS]) await eventually('it is there', () => isThere(id));
    await eventually('all films were looked up', async () => {
      const titles = await Promise.all(
        [movieIdOf('tmdb', 901), movieIdOf('tmdb', 404), second].map(movie),
      );
      return titles.every(({ overview }) => overview !== undefined);
    });
    await watch(`/movies/${second}/watches`);
    // Not in the catalogue, and seen all the same.
    await watch('/me/watches', { tmdbId: 703 });
    await service.caughtUp();
  });

  after(async () => {
    await service.close();
    await provider.close();
  });

  it('have their films in order, with those that are missing and those that one has seen', async () => {
    const { createdAt, updatedAt, ...answer } = await ask(collection, `/collections/${HARBOURS}`);
    expect(createdAt).to.equal(updatedAt);
    expect(answer).to.deep.equal({
      ...{ id: HARBOURS, tmdbId: 70, name: 'Harbours', posterPath: '/harbours.jpg' },
      ...{ total: 3, have: 2, seen: 2 },
      parts: [
        {
          ...{ order: 1, tmdbId: 701, title: 'Harbour', releaseDate: '2001-01-01', seen: false },
          movieId: movieIdOf('tmdb', 701),
        },
        {
          ...{ order: 2, tmdbId: 702, title: 'Harbour 2', releaseDate: '2003-01-01', seen: true },
          movieId: second,
        },
        { order: 3, tmdbId: 703, title: 'Harbour 3', seen: true },
      ],
    });
    expect((await service.api({ path: `/collections/${second}` })).status).to.equal(404);
  });

  it('are listed by name, page by page, and stand for each person', async () => {
    const { token } = service.member;
    const page = await ask(collections, '/collections?limit=1', token);
    expect(page.collections).to.deep.equal([
      { id: LANTERNS, name: '2 Lanterns', total: 1, have: 1, seen: 0 },
    ]);
    const next = `/collections?limit=1&cursor=${page.nextCursor}`;
    const harbours = { id: HARBOURS, name: 'Harbours', posterPath: '/harbours.jpg' };
    expect(await ask(collections, next, token)).to.deep.equal({
      ...{ collections: [{ ...harbours, total: 3, have: 2, seen: 0 }], nextCursor: null },
    });
    expect((await ask(collections, '/collections')).collections[1]).to.include({ seen: 2 });
  });

  it('are named by their films', async () => {
    expect(await movie(second)).to.deep.include({
      ...{ collectionId: HARBOURS, collection: { id: HARBOURS, name: 'Harbours' } },
    });
    expect(await movie(movieIdOf('tmdb', 901))).to.not.have.any.keys('collectionId', 'collection');
    // TMDb does not know the collection that the film belongs to.
    expect(await movie(movieIdOf('tmdb', 404))).to.not.have.property('collection');
  });

  it('are asked for once a week, whatever becomes of their films', async () => {
    const { database, jobs } = service.reellog;
    const { signal } = new AbortController();
    const before = askedFor('/3/movie/701');
    const asked = askedFor('/3/collection/70');
    // Both films may have had it looked up at once.
    expect(asked).to.be.within(1, 2);
    const again = async () => {
      await database.query({ text: 'update film_refreshes set stale_since = now()' });
      await jobs.run('refresh-films', signal);
    };
    await again();
    await eventually('it was looked up again', () => askedFor('/3/movie/701') > before);
    await eventually('nothing waits', async () => {
      const { text } = await service.api({ path: '/work' });
      return text.includes('"work":[]');
    });
    expect(askedFor('/3/collection/70')).to.equal(asked);
    await database.query({
      text: `update collection_refreshes set asked_at = now() - interval '8 days'`,
    });
    await again();
    await eventually('it is asked for', () => askedFor('/3/collection/70') > asked);
    const { updatedAt, createdAt } = await ask(collection, `/collections/${HARBOURS}`);
    expect(updatedAt).to.equal(createdAt);
  });
});
