import { expect } from 'chai';
import { movieIdOf } from '../../../src/domain/streams.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { openAftermath, type Aftermath } from '../../support/faults/afterFault.js';
import { openClients, type Clients } from '../../support/faults/clients.js';
import { serveReellog, type ServedReellog } from '../../support/faults/servedReellog.js';
import { textOf, type HttpAnswer } from '../../support/service/httpClient.js';
import { seededChance, testSeed } from '../../support/histories/seededChance.js';

const CLIENTS = 6;
const SOME = 25;
const HOUR_MS = 3_600_000;
/** More than a day at a time, so that "today" goes back as well. */
const STEP_MS = -26 * HOUR_MS;
/** What the limiter of writes counts in, in seconds. */
const WINDOW_SECONDS = 60;

/** Clocks are set back by hand, by a time server, by a virtual machine that was asleep. */
describe(`When the clock steps back (REELLOG_TEST_SEED=${testSeed})`, () => {
  let fresh: FreshDatabase;
  let served: ServedReellog;
  let clients: Clients;
  let aftermath: Aftermath;

  const clock = {
    NODE_OPTIONS: `--import ${new URL('../../support/run/steppingClock.mjs', import.meta.url).href}`,
    TEST_CLOCK_STEP_MS: String(STEP_MS),
  };
  before(async () => {
    aftermath = await openAftermath();
    fresh = await freshDatabase();
    served = await serveReellog({ DATABASE_URL: fresh.connectionString, ...clock });
    clients = openClients(CLIENTS, seededChance(testSeed), (request) => served.send(request));
  });
  after(async () => {
    await served.close();
    await aftermath.close();
    await fresh.drop();
  });

  const taken = (atLeast: number) =>
    eventually(`${atLeast} commands are taken`, () => clients.taken() >= atLeast);
  const api = (method: string, path: string, body?: object): Promise<HttpAnswer> =>
    served.send({ method, path: `/api/v1${path}`, ...(body ? { body } : {}) });
  const stepBack = async (server: ServedReellog): Promise<void> => {
    const before = server.said().length;
    process.kill(server.pid(), 'SIGUSR2');
    await eventually('its clock has stepped', () =>
      server.said().slice(before).includes('The clock has stepped'),
    );
  };

  it('that of the service, under load, nothing waits for the time to come round again', async () => {
    await clients.during(async () => {
      for (let steps = 0; steps < 3; steps += 1) {
        await taken(clients.taken() + SOME);
        await stepBack(served);
      }
      await taken(clients.taken() + SOME);
    });
    await served.ready();
    await aftermath.expectAllWell(fresh.connectionString, clients);
  });

  it('that of the database, times in the log stay in the order of the log', async () => {
    const [head] = await fresh.database.query<{ at: Date }>({
      text: `update log.head set recorded_at = now() + interval '3 days' returning recorded_at as at`,
    });
    await clients.during(() => taken(clients.taken() + SOME));
    await served.ready();
    await aftermath.expectAllWell(fresh.connectionString, clients);
    const [last] = await fresh.database.query<{ at: Date }>({
      text: 'select recorded_at as at from log.events order by position desc limit 1',
    });
    expect(last).to.deep.equal(head);
  });

  it('"now" is the new time, and a streak ends with it, whatever was watched on days to come', async () => {
    const film = movieIdOf('tmdb', 77);
    await api('POST', '/movies', { tmdbId: 77, title: 'Kagemusha' });
    await api('POST', `/movies/${film}/watches`, { watched: 'now' });
    await stepBack(served);
    const watched = await api('POST', `/movies/${film}/watches`, { watched: 'now' });
    expect(watched.status, watched.text).to.equal(201);
    let json: unknown;
    await eventually('it is shown', async () => {
      const answer = await served.send({
        path: '/api/v1/me/streaks',
        headers: { 'Reellog-After': textOf(watched.json, 'position') },
      });
      ({ json } = answer);
      // On a busy machine it may take longer than an answer waits, which then says so.
      return answer.headers['reellog-stale'] === undefined;
    });
    const [last] = await fresh.database.query<{ day: string }>({
      text: `select data -> 'watched' ->> 'localDate' as day from log.events
             where type = 'MovieWatched' order by position desc limit 1`,
    });
    expect(json).to.deep.include({ activeToday: true, current: 1, currentStart: last?.day });
  });

  it('a watch that was removed in what is now the future can be restored', async () => {
    const film = movieIdOf('tmdb', 77);
    const watched = await api('POST', `/movies/${film}/watches`, { watched: 'unknown' });
    const watch = `/movies/${film}/watches/${textOf(watched.json, 'id')}`;
    expect((await api('DELETE', watch)).status).to.equal(204);
    await stepBack(served);
    expect((await api('POST', `${watch}/restore`)).status).to.equal(200);
  });

  it('the same key gives the same answer, and the same token is good', async () => {
    const film = movieIdOf('tmdb', 77);
    const request = {
      ...{ method: 'POST', path: `/api/v1/movies/${film}/watches`, body: { watched: 'now' } },
      headers: { 'Idempotency-Key': 'before-and-after' },
    };
    const created = await api('POST', '/me/tokens', { name: 'For a season', expiresInDays: 90 });
    const token = textOf(created.json, 'token');
    const first = await served.send({ ...request, token });
    expect(first.status, first.text).to.equal(201);
    await stepBack(served);
    const again = await served.send({ ...request, token });
    expect(again.json).to.deep.equal(first.json);
  });

  it('whoever may write again within a minute need not wait for days', async () => {
    const strict = await serveReellog(
      { DATABASE_URL: fresh.connectionString, REELLOG_WRITE_LIMIT: '3', ...clock },
      served.token,
    );
    try {
      const write = () => strict.send({ method: 'PATCH', path: '/api/v1/me', body: {} });
      const refused = async (): Promise<number> => {
        let wait: unknown;
        await eventually('a write is one too many', async () => {
          const { status, headers } = await write();
          wait = headers['retry-after'];
          return status === 429;
        });
        return Number(wait);
      };
      expect(await refused()).to.be.within(1, WINDOW_SECONDS);
      await stepBack(strict);
      expect(await refused()).to.be.within(1, WINDOW_SECONDS);
    } finally {
      await strict.close();
    }
  });

  it('it stops when it is told to', async () => {
    await stepBack(served);
    expect((await served.stop()).code).to.equal(0);
  });
});
