import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { movieIdOf } from '../../../../src/domain/streams.js';
import { eventually } from '../../../support/run/eventually.js';
import { textOf, type HttpAnswer, type HttpRequest } from '../../../support/service/httpClient.js';
import { differencesOf, readModelRows } from '../../../support/readModels/readModelRows.js';
import { rebuild } from '../../../support/readModels/rebuilding.js';
import {
  startReellog,
  type Person,
  type RunningReellog,
} from '../../../support/service/reellog.js';

const FIRST = '2026-02-06T20:15:00.000Z';
const SECOND = '2026-02-07T20:15:00.000Z';
const facts = { title: 'Heat', year: 1995, runtimeMinutes: 170, genres: ['Crime'] };

/** A film that people called by several names before the catalogue knew that it is one. */
describe('A film known by several names', () => {
  let service: RunningReellog;
  let ada: Person;
  let bob: Person;
  /** A film of each test's own. */
  let ids = { tmdbId: 949, imdbId: 'tt1113277' };
  let tvdbId = 312;
  /** Where the log ended when the test began. */
  let began: bigint;

  before(async () => {
    service = await startReellog();
  });
  after(() => service.close());
  beforeEach(async () => {
    ada = await service.register('Ada');
    bob = await service.register('Bob');
    ids = { tmdbId: ids.tmdbId + 10, imdbId: `tt${Number(ids.imdbId.slice(2)) + 1}` };
    tvdbId += 1;
    began = await service.head();
  });

  const sends = async (
    { token }: Person,
    method: NonNullable<HttpRequest['method']>,
    path: string,
    body: object = {},
  ): Promise<HttpAnswer> => {
    const answer = await service.api({ method, path, token, body });
    expect(answer.status, `${path}: ${answer.text}`).to.be.within(200, 204);
    return answer;
  };
  const shows = async ({ token }: Person, path: string): Promise<Record<string, unknown>> => {
    await service.caughtUp();
    const { status, json, text } = await service.api({ path, token });
    expect(status, `${path}: ${text}`).to.equal(200);
    return json as Record<string, unknown>;
  };
  const watches = (person: Person, body: object) =>
    sends(person, 'POST', '/me/watches', { watched: { at: FIRST }, ...body });
  const imports = async (film: object): Promise<string> =>
    textOf((await sends(service.owner, 'POST', '/movies', { ...facts, ...film })).json, 'id');
  /** Where the reaction has read everything that is in the log. */
  const afterAWhile = (): Promise<void> =>
    eventually('the reaction has read the log', async () => {
      const head = await service.head();
      const rows = await service.reellog.database.query<{ position: bigint }>({
        text: 'select position from reactions.checkpoints',
      });
      return (rows[0]?.position ?? -1n) >= head;
    });
  /** What there is of a person's watching: one film, with so many plays. */
  const expectOneFilm = async (person: Person, movieId: string, plays: number): Promise<void> => {
    const stats = await shows(person, '/me/stats');
    expect(stats).to.deep.include({
      ...{ moviesWatched: 1, moviePlays: plays, minutesWatched: 170 * plays },
      ...{ minutesEstimated: 0 },
    });
    const history = (await shows(person, '/me/history')) as {
      readonly watches: readonly { readonly movieId: string; readonly title: string }[];
    };
    expect(history.watches.map((watch) => [watch.movieId, watch.title])).to.deep.equal(
      Array.from({ length: plays }, () => [movieId, 'Heat']),
    );
    expect(await shows(person, `/movies/${movieId}/state`)).to.include({
      ...{ state: 'watched', plays },
    });
  };
  const expectSameAfterRebuild = async (): Promise<void> => {
    await service.caughtUp();
    const { database, rebuilder, rebuilds: rebuilds } = service.reellog;
    const live = await readModelRows(database);
    await rebuild({ rebuilds, rebuilder }, rebuilds.names);
    const rebuilt = await readModelRows(database);
    expect(differencesOf(['live', live], ['rebuilt', rebuilt])).to.deep.equal([]);
  };
  /** Where what was moved has arrived, and has what is known of the film. */
  const arrived = async (count: number): Promise<void> => {
    await eventually('what was moved has arrived', async () => {
      const { events } = await service.reellog.eventStore.readAll({
        ...{ after: began, filter: { types: ['ViewingAdopted'] } },
      });
      return events.length === count;
    });
    await afterAWhile();
  };

  it('recorded by one id and imported by two keeps the id under which it was recorded', async () => {
    for (const [nth, id] of [{ imdbId: ids.imdbId }, { tvdbId }].entries()) {
      const person = await service.register(`Person ${nth}`);
      await watches(person, id);
      await afterAWhile();
      const movieId = await imports({ ...id, tmdbId: ids.tmdbId + nth });
      expect(movieId).to.equal(
        'imdbId' in id ? movieIdOf('imdb', ids.imdbId) : movieIdOf('tvdb', tvdbId),
      );
      await expectOneFilm(person, movieId, 1);
    }
  });

  it('that learns the id by an edit or a refresh gets what was recorded under it', async () => {
    const movieId = await imports({ tmdbId: ids.tmdbId });
    await watches(ada, { imdbId: ids.imdbId, rating: 8.5, note: 'With Bob' });
    await watches(ada, { tmdbId: ids.tmdbId, watched: { at: SECOND } });
    await watches(bob, { tvdbId });
    await afterAWhile();
    await sends(service.owner, 'PATCH', `/movies/${movieId}`, { imdbId: ids.imdbId });
    await arrived(1);
    await expectOneFilm(ada, movieId, 2);
    expect(await shows(ada, `/movies/${movieId}/state`)).to.include({ rating: 8.5 });
    expect(JSON.stringify(await shows(ada, '/me/history'))).to.include('With Bob');
    expect(await imports({ tmdbId: ids.tmdbId, tvdbId })).to.equal(movieId);
    await arrived(2);
    await expectOneFilm(bob, movieId, 1);
    await expectSameAfterRebuild();
  });

  it('is told in the answer’s position, so that its client reads the new numbers', async () => {
    const movieId = await imports({ tmdbId: ids.tmdbId });
    await watches(ada, { imdbId: ids.imdbId });
    await afterAWhile();
    const edit = { imdbId: ids.imdbId };
    const { headers } = await sends(service.owner, 'PATCH', `/movies/${movieId}`, edit);
    const { json } = await service.api({
      path: '/me/stats',
      token: ada.token,
      headers: { 'Reellog-After': String(headers['reellog-position']), Prefer: 'wait=10' },
    });
    expect(json).to.include({ minutesWatched: 170, minutesEstimated: 0 });
  });

  it('recorded by each of two ids becomes one film for everybody', async () => {
    await watches(ada, { imdbId: ids.imdbId });
    await watches(ada, { tmdbId: ids.tmdbId, watched: { at: SECOND } });
    await watches(bob, { tmdbId: ids.tmdbId });
    await afterAWhile();
    expect(await shows(ada, '/me/stats')).to.include({ moviesWatched: 2 });
    const movieId = await imports(ids);
    await arrived(1);
    await expectOneFilm(ada, movieId, 2);
    await expectOneFilm(bob, movieId, 1);
    await expectSameAfterRebuild();
  });

  it('recorded by two ids at once is the film that has either of them', async () => {
    await watches(ada, ids);
    await afterAWhile();
    const movieId = await imports({ imdbId: ids.imdbId });
    await arrived(1);
    await expectOneFilm(ada, movieId, 1);
  });

  it('is nobody’s whose title has another id, whatever others call it', async () => {
    await watches(ada, ids);
    await watches(bob, { tmdbId: ids.tmdbId });
    await afterAWhile();
    await imports({ imdbId: ids.imdbId });
    await arrived(1);
    await afterAWhile();
    expect(await shows(bob, '/me/stats')).to.include({ minutesWatched: 90, minutesEstimated: 90 });
  });

  it('that was in the catalogue twice is one when the second is removed and its id given to the first', async () => {
    const first = await imports({ tmdbId: ids.tmdbId });
    const second = await imports({ imdbId: ids.imdbId });
    await sends(ada, 'POST', `/movies/${first}/watches`, { watched: { at: FIRST } });
    await sends(ada, 'POST', `/movies/${second}/watches`, { watched: { at: SECOND } });
    await sends(ada, 'PUT', `/movies/${second}/favorite`);
    await afterAWhile();
    await sends(service.owner, 'DELETE', `/movies/${second}`);
    await sends(service.owner, 'PATCH', `/movies/${first}`, { imdbId: ids.imdbId });
    await arrived(1);
    await expectOneFilm(ada, first, 2);
    expect(await shows(ada, `/movies/${first}/state`)).to.include({ favorite: true });
  });

  it('counts a viewing once that was reported under two ids', async () => {
    const movieId = await imports({ tmdbId: ids.tmdbId });
    await watches(ada, { tmdbId: ids.tmdbId });
    const report = { source: 'webhook', watched: { at: '2026-02-06T20:16:00.000Z' } };
    await watches(ada, { imdbId: ids.imdbId, ...report });
    await afterAWhile();
    await sends(service.owner, 'PATCH', `/movies/${movieId}`, { imdbId: ids.imdbId });
    await arrived(1);
    expect(await shows(ada, '/me/stats')).to.include({ moviesWatched: 1, minutesWatched: 170 });
  });

  it('can still be spoken of by the id that it had', async () => {
    const movieId = await imports({ tmdbId: ids.tmdbId });
    const { json } = await watches(ada, { imdbId: ids.imdbId, playId: randomUUID() });
    const old = movieIdOf('imdb', ids.imdbId);
    await afterAWhile();
    await sends(service.owner, 'PATCH', `/movies/${movieId}`, { imdbId: ids.imdbId });
    await arrived(1);
    await sends(ada, 'PUT', `/movies/${old}/rating`, { rating: 9 });
    await sends(ada, 'PATCH', `/movies/${old}/watches/${textOf(json, 'id')}`, { note: 'Again' });
    expect(await shows(ada, `/movies/${movieId}/state`)).to.include({ rating: 9, plays: 1 });
    await sends(ada, 'DELETE', `/movies/${old}/watches/${textOf(json, 'id')}`);
    expect(await shows(ada, `/movies/${movieId}/state`)).to.include({ plays: 0 });
    expect(await service.api({ path: `/movies/${old}` })).to.include({ status: 404 });
    const other = { tmdbId: 7, playId: textOf(json, 'id'), watched: { at: SECOND } };
    expect(
      await service.api({ method: 'POST', path: '/me/watches', token: ada.token, body: other }),
    ).to.include({ status: 409 });
  });

  it('gets what a crash left on the way', async () => {
    const movieId = await imports({ tmdbId: ids.tmdbId });
    await watches(ada, { imdbId: ids.imdbId });
    await afterAWhile();
    const titleId = movieIdOf('imdb', ids.imdbId);
    await service.reellog.eventStore.append(
      `viewing-${ada.userId}.${titleId}`,
      [
        {
          id: randomUUID(),
          type: 'ViewingMoved',
          data: {
            ...{ userId: ada.userId, titleId, kind: 'movie' },
            ...{ movedTo: movieId, moveId: randomUUID() },
          },
          metadata: { correlationId: 'test', causationId: 'test', schemaVersion: 1 },
        },
      ],
      { expectedRevision: 'stream-exists' },
    );
    await arrived(1);
    await expectOneFilm(ada, movieId, 1);
  });
});
