import { expect } from 'chai';
import { personIdOf } from '../../../src/domain/person/personId.js';
import { movieIdOf } from '../../../src/domain/streams.js';
import { openReellog } from '../../../src/infra/composition/service.js';
import { configFrom } from '../../../src/infra/config/config.js';
import { createFilmRefreshes } from '../../../src/infra/metadata/filmRefreshes.js';
import { freshDatabase } from '../../support/postgres/database.js';
import { logPlaceOf } from '../../support/postgres/eventLog.js';
import { testLogger } from '../../support/run/logger.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../support/providers/faultyServer.js';
import { eventually } from '../../support/run/eventually.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

/** Films that the provider knows, by id. */
const films: Record<string, object> = {
  101: {
    ...{ id: 101, title: 'The Glass Harbour', original_title: 'El puerto de cristal' },
    ...{ overview: 'A harbour.', release_date: '1987-03-01', runtime: 104, imdb_id: 'tt7000101' },
    ...{ original_language: 'es', poster_path: '/harbour.jpg', genres: [{ name: 'Drama' }] },
    credits: {
      cast: [{ name: 'Ines Roca' }],
      crew: [{ job: 'Director', name: 'Ana Sol', id: 11 }],
    },
  },
  102: { id: 102, title: 'Two Lanterns', release_date: '2001-01-01', overview: 'Light.' },
};

const { signal } = new AbortController();

describe('Films that are imported where a provider is configured', () => {
  let provider: FaultyServer;
  let service: RunningReellog;

  before(async () => {
    provider = await startFaultyServer((url, _, response) => {
      const [, id = ''] = /^\/3\/movie\/(\d+)$/.exec(url.pathname) ?? [];
      const { title } = (films[101] ?? {}) as { title?: string };
      const query = url.searchParams.get('query');
      if (url.pathname === '/3/search/movie') {
        sendJson(response, 200, { results: query === title ? [films[101]] : [] });
      } else if (url.pathname === '/3/person/11') {
        sendJson(response, 200, { id: 11, name: 'Ana Sol', birthday: '1950-06-30' });
      } else if (id in films) sendJson(response, 200, films[id]);
      else sendJson(response, 404, { status_code: 34 });
    });
    service = await startReellog({ tmdbKey: 'a-key', tmdbUrl: `${provider.url}/3` });
  });

  after(async () => {
    await service.close();
    await provider.close();
  });

  const importing = async (film: object): Promise<string> => {
    const { status, json, text } = await service.api({
      method: 'POST',
      path: '/movies',
      body: film,
    });
    expect(status, text).to.equal(201);
    await service.caughtUp();
    return (json as { id: string }).id;
  };
  const movie = async (id: string): Promise<Record<string, unknown>> =>
    (await service.api({ path: `/movies/${id}` })).json as Record<string, unknown>;
  const isEnriched = (id: string) => async () => (await movie(id)).overview !== undefined;

  it('get their details by their id', async () => {
    const id = await importing({ title: 'Glass Harbour', tmdbId: 101 });
    await eventually('the film is enriched', isEnriched(id));
    expect(await movie(id)).to.deep.include({
      ...{ title: 'The Glass Harbour', sortTitle: 'Glass Harbour, The', year: 1987 },
      ...{ runtimeMinutes: 104, genres: ['Drama'], directors: ['Ana Sol'] },
      ...{ posterPath: '/harbour.jpg', imdbId: 'tt7000101', originalLanguage: 'es' },
    });
    // Found by its title and year, it is that film already: what it has of its own it keeps.
    const other = await importing({ title: 'The Glass Harbour', year: 1987 });
    await eventually('the other is enriched', isEnriched(other));
    expect(await movie(other))
      .to.include({ runtimeMinutes: 104 })
      .and.not.have.property('tmdbId');
  });

  it('tell how old people were when they came out', async () => {
    const id = movieIdOf('tmdb', 101);
    const { movieId, ...credits } = (await service.api({ path: `/movies/${id}/credits` }))
      .json as Record<string, unknown>;
    expect(movieId).to.equal(id);
    const personId = personIdOf({ name: 'Ana Sol', tmdbId: 11 });
    expect(credits).to.deep.include({
      agesComplete: true,
      crew: [{ personId, tmdbId: 11, name: 'Ana Sol', job: 'Director', ageAtRelease: 36 }],
    });
    const film = (await service.api({ path: `/movies/${id}?include=credits` })).json;
    expect(film).to.deep.include(credits);
    expect((await service.api({ path: `/people/${personId}` })).json).to.deep.include({
      ...{ name: 'Ana Sol', birthday: '1950-06-30', ageAtDeath: null, cast: [] },
    });
    expect((await service.api({ path: `/people/${id}` })).status).to.equal(404);
  });

  it('keep what a person edited', async () => {
    const id = await importing({ title: 'Two Lanterns' });
    const edited = await service.api({
      ...{ method: 'PATCH', path: `/movies/${id}` },
      body: { title: 'Zwei Laternen', tmdbId: 102 },
    });
    expect(edited.status, edited.text).to.equal(200);
    await eventually('the film is enriched', isEnriched(id));
    expect(await movie(id)).to.include({ title: 'Zwei Laternen', overview: 'Light.', year: 2001 });
  });

  it('stay as they are where nothing is found', async () => {
    const before = provider.received.length;
    const unknown = await importing({ title: 'Nobody Knows It' });
    const gone = await importing({ title: 'Was Deleted There', tmdbId: 404 });
    await eventually('both were asked for', () => {
      const asked = provider.received.slice(before).map(({ url }) => url);
      return (
        asked.some((url) => url.searchParams.get('query') === 'Nobody Knows It') &&
        asked.some((url) => url.pathname === '/3/movie/404')
      );
    });
    expect(await movie(unknown)).to.include({ title: 'Nobody Knows It' });
    expect(await movie(gone)).to.include({ title: 'Was Deleted There' });
  });

  const database = () => service.reellog.database;
  const refreshedAt = async (id: string) => (await movie(id)).refreshedAt;
  const outcomeOf = async (id: string) => {
    const [row] = await database().query<{ outcome: string }>({
      text: 'select outcome from film_refreshes where movie_id = $1 and stale_since is null',
      values: [id],
    });
    return row?.outcome;
  };
  /** Has films looked up again, as if they had changed. */
  const refresh = async (...ids: readonly string[]): Promise<void> => {
    await database().query({
      text: 'update film_refreshes set stale_since = now() where movie_id = any($1)',
      values: [ids],
    });
    const ran = await service.reellog.jobs.run('refresh-films', signal);
    expect(ran).to.include({ ran: true, outcome: 'done' });
  };

  it('say when they were last looked up, and stay as they are where they are known no more', async () => {
    films[103] = { id: 103, title: 'Low Tide', release_date: '1999-01-01', overview: 'Sand.' };
    const id = await importing({ title: 'Low Tide', tmdbId: 103 });
    await eventually('it was looked up', async () => (await refreshedAt(id)) !== undefined);
    await service.caughtUp();
    const before = await movie(id);
    const { revision } = before;
    await refresh(id);
    await eventually('that is said', async () => (await refreshedAt(id)) !== before.refreshedAt);
    const again = await movie(id);
    expect(again).to.include({ revision });
    delete films[103];
    await refresh(id);
    await eventually('it is not known', async () => (await outcomeOf(id)) === 'unknown');
    expect(await movie(id)).to.deep.equal(again);
    const { json } = await service.api({ path: `/movies/${id}?asOf=2026-01-01` });
    expect(json).to.not.have.property('refreshedAt');
  });

  it('have the id that the provider gave them, when it made two of its films one', async () => {
    const [one, other] = [201, 202].map((id) => ({
      id,
      title: 'Twice There',
      imdb_id: 'tt7000201',
    }));
    Object.assign(films, { 201: one, 202: other, 203: { id: 203, title: 'Once There' } });
    const ids = [
      await importing({ title: 'Twice There', tmdbId: 201 }),
      await importing({ title: 'Twice There', tmdbId: 202, overview: 'The better one.' }),
      await importing({ title: 'Once There', tmdbId: 203 }),
    ];
    const [first = '', second = '', third = ''] = ids;
    for (const id of ids) {
      await eventually('it was looked up', async () => (await refreshedAt(id)) !== undefined);
    }
    await service.api({ method: 'POST', path: `/movies/${first}/watches`, body: {} });
    Object.assign(films, { 201: other, 203: { id: 204, title: 'Once There' } });
    await refresh(first, third);
    await eventually(
      'one is removed',
      async () => (await service.api({ path: `/movies/${first}` })).status === 404,
    );
    await eventually('the plays have come', async () => {
      const { text } = await service.api({ path: `/movies/${second}/watches` });
      return text.includes('"rewatch');
    });
    expect(await movie(second)).to.include({ tmdbId: 202, imdbId: 'tt7000201' });
    await eventually('the third has its id', async () => (await movie(third)).tmdbId === 204);
  });

  it('are looked up again by and by, those that are new more often', async () => {
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000);
    const released = [10, 400, 4_000].map((ago) => day(ago).toISOString().slice(0, 10));
    const [fresh = '', recent = '', old = ''] = await Promise.all(
      released.map((releaseDate, nth) => importing({ title: `Due ${nth}`, releaseDate })),
    );
    const letters = new Map([fresh, recent, old].map((id, nth) => [id, 'FRO'.charAt(nth)]));
    for (const id of letters.keys()) {
      await eventually('it was looked for', async () => (await outcomeOf(id)) === 'no-match');
    }
    const due = async (askedDaysAgo: number, limit = 1_000) => {
      await database().query({
        text: `update film_refreshes set stale_since = null, asked_at = case when movie_id = any($1)
                 then now() - make_interval(days => $2) else now() end`,
        values: [[...letters.keys()], askedDaysAgo],
      });
      await database().query({
        text: `update film_refreshes set asked_at = asked_at - interval '1 minute', stale_since =
                 case when $2 then now() end where movie_id = $1`,
        values: [old, limit === 1],
      });
      const films = await createFilmRefreshes(database()).due(new Date(), limit, signal);
      return films.map((id) => letters.get(id) ?? '?');
    };
    expect(await due(0)).to.deep.equal([]);
    expect(await due(2)).to.deep.equal(['F']);
    expect(await due(8)).to.have.members(['F', 'R']);
    const all = await due(31);
    expect(all).to.have.members(['F', 'R', 'O']);
    expect(all[0]).to.equal('O');
    expect(await due(2, 1)).to.deep.equal(['O']);
  });

  it('are there at once while the provider is away', async () => {
    provider.always({ status: 503 });
    const id = await importing({ title: 'Third', tmdbId: 303 });
    await eventually('the provider was asked', () =>
      provider.received.some(({ url }) => url.pathname === '/3/movie/303'),
    );
    expect(await movie(id)).to.include({ title: 'Third' });
  });
});

describe('A service whose work queue cannot be made', () => {
  it('does not start, and leaves no connection behind', async () => {
    const fresh = await freshDatabase({ contents: 'prepared' });
    const { database, connectionString } = fresh;
    const connections = async () => {
      const [row] = await database.query<{ count: number }>({
        text: 'select count(*)::int as count from pg_stat_activity where datname = current_database()',
      });
      return row?.count;
    };
    try {
      await database.query({ text: 'create schema work_queue' });
      await database.query({ text: 'create table work_queue.migrations (other text)' });
      const before = await connections();
      const config = { ...configFrom({}), ...logPlaceOf(connectionString), connections: 4 };
      const error = await openReellog(
        { ...config, databaseUrl: connectionString, timezone: 'UTC', tmdbKey: 'a-key' },
        { logger: testLogger, rebuildIn: 'process' },
      ).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(Error);
      await eventually('all connections are closed', async () => (await connections()) === before);
    } finally {
      await fresh.drop();
    }
  });
});
