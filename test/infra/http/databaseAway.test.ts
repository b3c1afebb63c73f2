import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import { eventually } from '../../support/run/eventually.js';
import {
  memberOf,
  textOf,
  type HttpAnswer,
  type HttpRequest,
} from '../../support/service/httpClient.js';
import { endConnections, serverPidOf, takeServerAway } from '../../support/postgres/outage.js';
import { startReellogWithServer, type RunningReellog } from '../../support/service/reellog.js';
import { FILM, prepare } from './requests.js';

/** The service, while the database behind it goes away and comes back. */
describeOnBothLogs('Without its database, the service', () => {
  let service: RunningReellog;
  let connectionString: string;

  before(async () => {
    service = await startReellogWithServer();
    ({ connectionString } = service.reellog);
    await prepare(service);
  });
  after(() => service.close());

  const status = async (request: HttpRequest): Promise<number> =>
    (await service.send(request)).status;
  const ready = () =>
    eventually(
      'the service is ready',
      async () => (await status({ path: '/readyz' })) === 200 && (await bySeveral()),
    );
  /** Several at once: one alone may be answered by a connection that was good by chance. */
  const bySeveral = async (): Promise<boolean> => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => service.api({ path: '/movies?limit=1' })),
    );
    return answers.every((answer) => answer.status === 200);
  };

  describe('while it is away', () => {
    let bringBack: () => Promise<void>;

    before(async () => {
      bringBack = await takeServerAway(connectionString);
    });
    after(async () => {
      await bringBack();
      await ready();
    });

    const requests: Readonly<Record<string, HttpRequest>> = {
      'a question': { path: '/movies' },
      'a question about one thing': { path: `/movies/${FILM}` },
      'a question that must show a position': {
        path: '/me/history',
        headers: { 'Reellog-After': '1' },
      },
      'a command under a key': {
        ...{ method: 'POST', path: `/movies/${FILM}/watches`, body: {} },
        headers: { 'Idempotency-Key': 'while-away' },
      },
      'a token that nobody has seen before': { path: '/me', token: 'reel_unknown' },
    };

    for (const [what, request] of Object.entries(requests)) {
      it(`says so to ${what}, and when to try again`, async () => {
        const answer = await service.api(request);
        expect(answer.status, answer.text).to.equal(503);
        expect(answer.headers).to.include({
          'content-type': 'application/problem+json; charset=utf-8',
          'retry-after': '2',
        });
        expect(answer.json).to.deep.include({
          type: '/problems/unavailable',
          status: 503,
          title: 'The service cannot answer now',
        });
      });
    }

    it('lives, but is not ready', async () => {
      expect(await status({ path: '/healthz' })).to.equal(200);
      const answer = await service.send({ path: '/readyz' });
      expect(answer.status).to.equal(503);
      expect(answer.json).to.include({ status: 'failing', database: 'away' });
      expect(answer.headers).to.include({ 'retry-after': '2' });
    });

    it('still refuses a request without a token', async () => {
      expect(await status({ path: '/api/v1/movies' })).to.equal(401);
    });

    it('still shows its documentation', async () => {
      expect(await status({ path: '/api/v1/openapi.json' })).to.equal(200);
      expect(await status({ path: '/docs/' })).to.equal(200);
    });
  });

  it('works again when it is back, without having been restarted', async () => {
    const bringBack = await takeServerAway(connectionString);
    expect((await service.api({ path: '/movies' })).status).to.equal(503);
    await bringBack();
    await ready();
    const path = `/movies/${FILM}`;
    const rated = await service.api({
      ...{ method: 'PUT', path: `${path}/rating`, body: { rating: 6.5 } },
    });
    expect(rated.status, rated.text).to.equal(200);
    const shown = await service.api({
      path: `${path}/state`,
      headers: { 'Reellog-After': textOf(rated.json, 'position') },
    });
    expect(shown.headers).not.to.have.property('reellog-stale');
    expect(memberOf(shown.json, 'rating')).to.equal(6.5);
  });

  describe('under load, while it is killed and its connections are ended', () => {
    const CLIENTS = 32;
    const COMMANDS = 8;
    /** Few enough that clients meet in one stream. */
    const FILMS = 40;
    /** Clients that asked again at once would be all that there is to do. */
    const RETRY_MS = 100;

    /** Sends a command until it is accepted, always under the same key, as a good client does. */
    const untilAccepted = async (
      request: HttpRequest,
      seen: Set<number | 'no answer'>,
    ): Promise<HttpAnswer> => {
      for (;;) {
        try {
          const answer = await service.api(request);
          seen.add(answer.status);
          if (answer.status !== 503) return answer;
        } catch {
          seen.add('no answer');
        }
        await sleep(RETRY_MS);
      }
    };

    it('loses no command that it accepted and does none twice', async () => {
      const seen = new Set<number | 'no answer'>();
      const accepted: { readonly id: string; readonly position: string }[] = [];
      const before = await service.head();
      const client = async (nth: number): Promise<void> => {
        for (let command = 0; command < COMMANDS; command += 1) {
          // The service gives each watch its id: a second one would be another watch.
          const answer = await untilAccepted(
            {
              ...{ method: 'POST', path: '/me/watches' },
              body: { tmdbId: 5_000 + ((nth + command) % FILMS), rating: 1 + (command % 10) },
              headers: { 'Idempotency-Key': `load-${nth}-${command}` },
            },
            seen,
          );
          accepted.push({
            id: textOf(answer.json, 'id'),
            position: textOf(answer.json, 'position'),
          });
        }
      };
      const clients = Promise.all(Array.from({ length: CLIENTS }, (_, nth) => client(nth)));
      const some = (amount: number) =>
        eventually(`${amount} are accepted`, () => accepted.length >= amount);

      await some(40);
      await endConnections(connectionString);
      await some(85);
      process.kill(await serverPidOf(connectionString), 'SIGKILL');
      await some(150);
      const bringBack = await takeServerAway(connectionString);
      await eventually('commands are refused', () => seen.has(503));
      await bringBack();
      await clients;

      expect([...seen].filter((status) => status !== 201 && status !== 503)).to.deep.equal([]);
      expect(accepted).to.have.length(CLIENTS * COMMANDS);
      const { events } = await service.reellog.eventStore.readAll({
        ...{ after: before, maxCount: 10_000 },
        filter: { types: ['MovieWatched'] },
      });
      expect(events.map(({ data }) => data.playId).sort()).to.deep.equal(
        accepted.map(({ id }) => id).sort(),
      );
      expect(new Set(accepted.map(({ position }) => position)).size).to.equal(accepted.length);

      await ready();
      await service.caughtUp();
      // And the one that was there at the beginning.
      const stats = await service.api({ path: '/me/stats' });
      expect(memberOf(stats.json, 'moviePlays'), stats.text).to.equal(accepted.length + 1);
    });
  });
});
