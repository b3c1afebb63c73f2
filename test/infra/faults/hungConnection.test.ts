import { expect } from 'chai';
import { movieIdOf } from '../../../src/domain/streams.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { openAftermath, type Aftermath } from '../../support/faults/afterFault.js';
import { openClients, type Clients } from '../../support/faults/clients.js';
import { serveReellog, type ServedReellog } from '../../support/faults/servedReellog.js';
import type { HttpRequest } from '../../support/service/httpClient.js';
import { seededChance, testSeed } from '../../support/histories/seededChance.js';
import { openStallingProxy, type StallingProxy } from '../../support/postgres/stallingProxy.js';

const CLIENTS = 6;
const SOME = 20;
const FILM = movieIdOf('tmdb', 1);

/** One of each kind, none of which the cache could answer. */
const requests: Readonly<Record<string, HttpRequest>> = {
  'a command': { method: 'PUT', path: `/api/v1/movies/${FILM}/favorite` },
  'a command under a key': {
    ...{ method: 'POST', path: `/api/v1/movies/${FILM}/watches`, body: {} },
    headers: { 'Idempotency-Key': 'while-nothing-answers' },
  },
  'an import': { method: 'POST', path: '/api/v1/movies', body: { tmdbId: 2, title: 'Ran' } },
  'a question': { path: '/api/v1/me/history?limit=3' },
  'a token that nobody has seen before': { path: '/api/v1/me', token: 'reel_unknown' },
  'a question how it is': { path: '/readyz' },
};

/** The database is there, and nothing that is said to it, or that it says, arrives. */
describe(`With connections that hang (REELLOG_TEST_SEED=${testSeed})`, () => {
  let fresh: FreshDatabase;
  let proxy: StallingProxy;
  let served: ServedReellog;
  let clients: Clients;
  let aftermath: Aftermath;

  before(async () => {
    aftermath = await openAftermath();
    fresh = await freshDatabase();
    proxy = await openStallingProxy(fresh.connectionString);
    served = await serveReellog({
      ...{ DATABASE_URL: proxy.connectionString, REELLOG_ANSWER_SECONDS: '1' },
    });
    clients = openClients(CLIENTS, seededChance(testSeed), (request) => served.send(request));
    await served.send({
      method: 'POST',
      path: '/api/v1/movies',
      body: { tmdbId: 1, title: 'Ikiru' },
    });
  });
  after(async () => {
    await served.close();
    await proxy.close();
    await aftermath.close();
    await fresh.drop();
  });

  const taken = (atLeast: number) =>
    eventually(`${atLeast} commands are taken`, () => clients.taken() >= atLeast);

  /** Under load: it hangs, whatever is asked is answered all the same, it goes on. */
  const hanging = async (hang: () => void, goOn: () => void): Promise<void> => {
    await clients.during(async () => {
      await taken(clients.taken() + SOME);
      hang();
      // Mocha's limit is the bound: nothing else would end the waiting for an answer that never comes.
      const answers = await Promise.all(
        Object.entries(requests).map(async ([what, request]) => {
          const { status, headers } = await served.send(request);
          return [what, status, headers['retry-after']];
        }),
      );
      goOn();
      expect(answers).to.deep.equal(Object.keys(requests).map((what) => [what, 503, '2']));
      await taken(clients.taken() + SOME);
    });
    await served.ready();
    await aftermath.expectAllWell(fresh.connectionString, clients);
  };

  it('answers that it is away, and goes on by itself when they carry on', () =>
    hanging(
      () => {
        proxy.stall();
      },
      () => {
        proxy.flow();
      },
    ));

  it('does nothing twice when the database hears everything and its answers come late', () =>
    hanging(
      () => {
        proxy.stall('answers');
      },
      () => {
        proxy.flow();
      },
    ));

  for (const what of ['everything', 'answers'] as const) {
    it(`opens others when they never carry a byte again, after ${what} was held back`, () =>
      hanging(
        () => {
          proxy.stall(what);
        },
        () => {
          proxy.flowOnNewOnly();
        },
      ));
  }

  it('stops when it is told to, though nothing answers', async () => {
    proxy.stall();
    const { code } = await served.stop();
    expect(code).to.equal(0);
  });
});
