import { expect } from 'chai';
import { eventually } from '../../../support/run/eventually.js';
import { textOf, type HttpAnswer, type HttpRequest } from '../../../support/service/httpClient.js';
import {
  startReellog,
  type Person,
  type RunningReellog,
} from '../../../support/service/reellog.js';

const AT = '2026-02-06T20:15:00.000Z';
const facts = {
  ...{ title: 'Heat', year: 1995, runtimeMinutes: 170, genres: ['Crime', 'Drama'] },
  ...{ releaseDate: '1995-12-15', communityRating: 8.2, countries: ['US'] },
  ...{ originalLanguage: 'en', directors: ['Michael Mann'], studios: ['Regency'] },
  cast: [{ name: 'Al Pacino' }],
};

describe('What becomes known of a film after it was watched', () => {
  let service: RunningReellog;
  let ada: Person;
  let tmdbId = 3_000_000;

  beforeEach(async () => {
    service = await startReellog();
    ada = await service.register('Ada');
    tmdbId += 1;
  });
  afterEach(() => service.close());

  const sends = async (
    { token }: Person,
    method: NonNullable<HttpRequest['method']>,
    path: string,
    body: object = {},
  ): Promise<HttpAnswer> => {
    const answer = await service.api({ method, path, token, body });
    expect(answer.status, answer.text).to.be.within(200, 201);
    return answer;
  };
  const shows = async (path: string, after: string): Promise<unknown> => {
    const headers = { 'Reellog-After': after, Prefer: 'wait=10' };
    const { status, json, text } = await service.api({ path, token: ada.token, headers });
    expect(status, text).to.equal(200);
    return json;
  };
  const positionOf = ({ headers }: HttpAnswer): string => String(headers['reellog-position']);
  /** As whoever waits for what an answer says reads it. */
  const minutes = async (answer: HttpAnswer) => {
    const json = (await shows('/me/stats', positionOf(answer))) as Record<string, unknown>;
    return { minutes: json.minutesWatched, estimated: json.minutesEstimated };
  };
  /** Somebody edits a film long after it was watched: what waits for facts of it is known by then. */
  const afterAWhile = (viewers = 1): Promise<void> =>
    eventually('the reaction knows who waits', async () => {
      const rows = await service.reellog.database.query({
        text: 'select from reactions.viewers where lacks <> 0',
      });
      return rows.length >= viewers;
    });
  const learntEvents = async (): Promise<number> =>
    (await service.reellog.eventStore.readAll({ filter: { types: ['TitleFactsLearnt'] } })).events
      .length;

  it('counts in every number as soon as a pending film is imported', async () => {
    await sends(ada, 'POST', '/me/watches', { tmdbId, watched: { at: AT }, rating: 8.5 });
    await afterAWhile();
    const imported = await sends(service.owner, 'POST', '/movies', { tmdbId, ...facts });
    expect(await minutes(imported)).to.deep.equal({ minutes: 170, estimated: 0 });
    const after = positionOf(imported);
    const stats = JSON.stringify(await shows('/me/stats', after));
    for (const name of [
      ...['Crime', 'Drama', 'US', 'en', 'Michael Mann', 'Regency', 'Al Pacino', '1990'],
    ]) {
      expect(stats).to.include(`"${name}"`);
    }
    const { watches } = (await shows('/me/history', after)) as { readonly watches: unknown[] };
    expect(watches[0]).to.include({
      ...{ title: 'Heat', releaseYear: 1995, runtimeMinutes: 170, runtimeEstimated: false },
    });
    const rows = await service.reellog.database.query<{ name: unknown }>({
      text: `select name from history.plays union all select name from ratings.ratings
             union all select name from watchlist.entries`.replaceAll('name', 'name::text as name'),
    });
    expect(rows.map(({ name }) => JSON.parse(String(name)) as unknown)).to.deep.equal(
      Array.from({ length: 3 }, () => ({ title: 'Heat', releaseYear: 1995 })),
    );
  });

  it('counts when an edit or a refresh brings it, and later corrections do not', async () => {
    const created = await sends(service.owner, 'POST', '/movies', { title: 'Heat', tmdbId });
    const movie = `/movies/${textOf(created.json, 'id')}`;
    const watched = await sends(ada, 'POST', `${movie}/watches`, { watched: { at: AT } });
    expect(await minutes(watched)).to.deep.equal({ minutes: 90, estimated: 90 });
    await afterAWhile();
    const edited = await sends(service.owner, 'PATCH', movie, { runtimeMinutes: 170 });
    expect(await minutes(edited)).to.deep.equal({ minutes: 170, estimated: 0 });
    const corrected = await sends(service.owner, 'PATCH', movie, { runtimeMinutes: 171 });
    expect(await minutes(corrected)).to.deep.equal({ minutes: 170, estimated: 0 });
    const refreshed = await sends(service.owner, 'POST', '/movies', { tmdbId, ...facts });
    expect(JSON.stringify(await shows('/me/stats', positionOf(refreshed)))).to.include('"Crime"');
    expect(await learntEvents()).to.equal(2);
  });

  it('counts for everybody who watched it, more than are told before the answer too', async () => {
    const created = await sends(service.owner, 'POST', '/movies', { title: 'Heat', tmdbId });
    const movieId = textOf(created.json, 'id');
    const people = await Promise.all(
      Array.from({ length: 60 }, (_, nth) => service.register(`Person ${nth}`)),
    );
    for (const { userId } of people) {
      await service.reellog.execute({
        name: 'RecordWatchEvent',
        data: { movieId },
        actor: { userId, role: 'member' },
      });
    }
    await afterAWhile(60);
    await sends(service.owner, 'PATCH', `/movies/${movieId}`, { runtimeMinutes: 170 });
    await eventually('everybody is told', async () => (await learntEvents()) === 60);
  });
});
