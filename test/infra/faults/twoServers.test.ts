import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { movieIdOf } from '../../../src/domain/streams.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { openAftermath, type Aftermath } from '../../support/faults/afterFault.js';
import { openClients, type Clients } from '../../support/faults/clients.js';
import { serveReellog, type ServedReellog } from '../../support/faults/servedReellog.js';
import { seededChance, testSeed } from '../../support/histories/seededChance.js';

const CLIENTS = 6;
const SOME = 25;

/** What every client's commands change the answers to. */
const questions = [
  ...['/me/history?limit=50', '/me/stats', '/me/streaks', '/me/ratings', '/me/favorites'],
  ...['/me/watchlist', '/me/achievements', '/movies?limit=50', '/genres'],
  ...[1_001, 2_001, 3_001].map((tmdbId) => `/movies/${movieIdOf('tmdb', tmdbId)}/state`),
].map((path) => `/api/v1${path}`);

/** Two processes that both take commands, both ask to lead the read models, and die in turn. */
describe(`Two servers on one database (REELLOG_TEST_SEED=${testSeed})`, () => {
  const chance = seededChance(testSeed);
  let fresh: FreshDatabase;
  let servers: readonly [ServedReellog, ServedReellog];
  let clients: Clients;
  let aftermath: Aftermath;

  before(async () => {
    aftermath = await openAftermath();
    fresh = await freshDatabase();
    const settings = { DATABASE_URL: fresh.connectionString };
    const one = await serveReellog(settings);
    servers = [one, await serveReellog(settings, one.token)];
    let turn = 0;
    // One after the other, as a balancer gives them out: what one did not answer, the other is asked next.
    clients = openClients(CLIENTS, chance.fork(), (request) => {
      turn += 1;
      return servers[turn % 2 === 0 ? 0 : 1].send(request);
    });
  });
  after(async () => {
    for (const server of servers) await server.close();
    await aftermath.close();
    await fresh.drop();
  });

  const leads = async (server: ServedReellog): Promise<number> =>
    [...(await server.workers()).values()].filter((state) => state !== 'standby').length;
  /** The one that leads most of the read models, and the other. */
  const inOrder = async (): Promise<readonly [ServedReellog, ServedReellog]> => {
    const [one, other] = servers;
    return (await leads(one)) >= (await leads(other)) ? servers : [other, one];
  };

  const taken = (atLeast: number) =>
    eventually(`${atLeast} commands are taken`, () => clients.taken() >= atLeast);

  /** Has a server asked all questions over and over, so that its answers are in its cache when they change. */
  const asked = async (server: ServedReellog, work: () => Promise<void>): Promise<void> => {
    const over = new AbortController();
    const asking = (async () => {
      while (!over.signal.aborted) {
        for (const path of questions) await server.send({ path });
        await sleep(50);
      }
    })();
    // Told below, once the work is done.
    asking.catch(() => undefined);
    try {
      await work();
    } finally {
      over.abort();
      await asking;
    }
  };

  const answers = (server: ServedReellog, position: bigint): Promise<readonly string[]> =>
    Promise.all(
      questions.map(async (path) => {
        let text = '';
        await eventually(`${path} shows ${position}`, async () => {
          const headers = { 'Reellog-After': position.toString() };
          const answer = await server.send({ path, headers });
          text = `${path}: ${answer.status} ${answer.headers.etag ?? ''} ${answer.text}`;
          return answer.headers['reellog-stale'] === undefined;
        });
        return text;
      }),
    );

  for (const [nth, who] of ['leads', 'stands by', 'leads'].entries()) {
    it(`lose nothing when the one that ${who} is killed, and the other goes on (${nth + 1})`, async () => {
      const [leader, standby] = await inOrder();
      const [victim, survivor] = who === 'leads' ? [leader, standby] : [standby, leader];
      await asked(survivor, () =>
        clients.during(async () => {
          await taken(clients.taken() + SOME);
          await sleep(chance.between(0, 300));
          await victim.kill();
          await taken(clients.taken() + SOME);
        }),
      );
      await survivor.ready();
      await eventually(
        'it leads all',
        async () => (await leads(survivor)) === (await survivor.workers()).size,
      );
      await aftermath.expectAllWell(fresh.connectionString, clients);
      await victim.start();
      await victim.ready();
      const head = clients.lastPosition();
      // The one that was started has nothing in its cache yet.
      expect(await answers(survivor, head)).to.deep.equal(await answers(victim, head));
    });
  }

  it('lose nothing when the leads pass from one to the other, over and over', async () => {
    await clients.during(async () => {
      for (let passes = 0; passes < 4; passes += 1) {
        await taken(clients.taken() + SOME);
        await fresh.database.query({
          text: `select pg_terminate_backend(pid) from pg_locks l join pg_database d on d.oid = l.database
                 where d.datname = current_database() and l.locktype = 'advisory' and l.granted`,
        });
      }
    });
    for (const server of servers) await server.ready();
    await aftermath.expectAllWell(fresh.connectionString, clients);
    const head = clients.lastPosition();
    expect(await answers(servers[0], head)).to.deep.equal(await answers(servers[1], head));
  });
});
