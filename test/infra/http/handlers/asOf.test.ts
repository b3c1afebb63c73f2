import { expect } from 'chai';
import { derivedId } from '../../../../src/domain/streams.js';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import { memberOf, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { expectDocumented, pathOf } from '../openapi/documented.js';

const METROPOLIS = derivedId('as of: Metropolis');
const M = derivedId('as of: M');

/** Everything that can be asked as of a moment. */
const questions = [
  '/me/history',
  '/me/history?sort=recorded&limit=1',
  '/me/stats',
  '/me/stats?period=year&year=2026',
  '/me/streaks',
  '/me/achievements',
  '/movies',
  '/movies?q=metropols',
  `/movies/${METROPOLIS}`,
];

const asOf = (path: string, moment: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}asOf=${encodeURIComponent(moment)}`;

/** What people do, one after the other. */
const deeds = [
  {
    method: 'POST',
    path: '/movies',
    body: { movieId: METROPOLIS, title: 'Metropolis', year: 1927, genres: ['Drama'] },
  },
  {
    method: 'POST',
    path: `/movies/${METROPOLIS}/watches`,
    body: { watched: { date: '2026-02-06' } },
  },
  { method: 'PUT', path: `/movies/${METROPOLIS}/rating`, body: { rating: 9 } },
  { method: 'PATCH', path: `/movies/${METROPOLIS}`, body: { title: 'Metropolis (restored)' } },
  { method: 'POST', path: '/movies', body: { movieId: M, title: 'M', year: 1931 } },
  { method: 'POST', path: `/movies/${M}/watches`, body: { watched: 'now' } },
  { method: 'DELETE', path: `/movies/${METROPOLIS}` },
];

describeOnBothLogs('Answers as of a moment', () => {
  let reellog: RunningReellog;
  /** What was answered after each deed, and where the log ended then. */
  const answered: {
    readonly position: string;
    readonly answers: Readonly<Record<string, unknown>>;
  }[] = [];

  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    reellog.api({ path, headers });

  const asked = async (path: string): Promise<HttpAnswer> => {
    const answer = await get(path);
    expectDocumented(pathOf(path) ?? path, 'GET', answer);
    return answer;
  };

  before(async () => {
    reellog = await startReellog();
    for (const deed of deeds) {
      const done = await reellog.api(deed);
      expect(done.status, done.text).to.be.lessThan(300);
      await reellog.caughtUp();
      const answers: Record<string, unknown> = {};
      for (const path of questions) answers[path] = (await get(path)).json;
      answered.push({ position: String(await reellog.head()), answers });
    }
  });

  after(async () => {
    await reellog.close();
  });

  /** But for links to the request itself, which problems have. */
  const shown = (json: unknown): unknown =>
    memberOf(json, 'status') === 404 ? 'there is no such thing' : json;

  it('are those that were given then', async () => {
    for (const { position, answers } of answered) {
      for (const path of questions) {
        const answer = await asked(asOf(path, position));
        expect(shown(answer.json), `${path} as of ${position}`).to.deep.equal(shown(answers[path]));
      }
    }
  });

  it('say which position they are true at, and for how long they may be kept', async () => {
    const { position = '' } = answered[2] ?? {};
    const answer = await asked(asOf('/me/history', position));
    expect(answer.headers).to.include({
      'reellog-position': position,
      'cache-control': 'private, max-age=86400, immutable',
    });
    expect(answer.headers.vary).to.match(/Authorization/i);
    const again = await get(asOf('/me/history', position), {
      'If-None-Match': String(answer.headers.etag),
    });
    expect(again.status).to.equal(304);
    // "Today" is a day of a zone, and a person may move.
    const streaks = await asked(asOf('/me/streaks', position));
    expect(streaks.headers['cache-control']).to.equal('private, no-cache');
  });

  it('take an instant, with any offset', async () => {
    const { events } = await reellog.reellog.eventStore.readAll();
    const renamed = events.find(({ type }) => type === 'MovieDetailsEdited');
    if (!renamed) throw new Error('nobody edited a film');
    const titleAt = async (moment: string) =>
      memberOf((await asked(asOf(`/movies/${METROPOLIS}`, moment))).json, 'title');
    const at = renamed.recordedAt.toISOString();
    expect(await titleAt(at)).to.equal('Metropolis (restored)');
    const before = new Date(renamed.recordedAt.getTime() - 1).toISOString();
    expect(await titleAt(before)).to.equal('Metropolis');
    const inTokyo = new Date(renamed.recordedAt.getTime() + 9 * 3_600_000).toISOString();
    expect(await titleAt(inTokyo.replace('Z', '+09:00'))).to.equal('Metropolis (restored)');
    const unescaped = `/movies/${METROPOLIS}?asOf=${inTokyo.replace('Z', '+09:00')}`;
    expect((await asked(unescaped)).json).to.include({ title: 'Metropolis (restored)' });
  });

  it('take a day of the person’s own calendar, today as far as it has come', async () => {
    const last = answered.at(-1);
    const today = new Date().toISOString().slice(0, 10);
    const answer = await asked(asOf('/me/history', today));
    expect(answer.json).to.deep.equal(last?.answers['/me/history']);
    expect(answer.headers).to.include({
      'reellog-position': last?.position,
      'cache-control': 'private, no-cache',
    });
    const streaks = await asked(asOf('/me/streaks', '2020-02-29'));
    expect(streaks.json).to.include({ today: '2020-02-29', current: 0, longest: 0 });
  });

  it('are empty before anything happened', async () => {
    for (const moment of ['0', '1970-01-01T00:00:00Z', '1999-12-31']) {
      const history = await asked(asOf('/me/history', moment));
      expect(history.json).to.deep.equal({ watches: [], nextCursor: null });
      expect(history.headers['reellog-position']).to.equal('0');
      expect((await asked(asOf('/me/stats', moment))).json).to.include({ moviePlays: 0 });
      expect((await asked(asOf('/me/achievements', moment))).json).to.include({ earned: 0 });
      expect((await asked(asOf('/movies', moment))).json).to.deep.include({ movies: [] });
      expect((await asked(asOf(`/movies/${METROPOLIS}`, moment))).status).to.equal(404);
    }
  });

  it('are each person’s own', async () => {
    const { position = '' } = answered.at(-1) ?? {};
    const answer = await reellog.api({
      path: asOf('/me/history', position),
      token: reellog.member.token,
    });
    expect(answer.json).to.deep.equal({ watches: [], nextCursor: null });
  });

  it('are not given of what is no moment, or yet to come', async () => {
    const head = await reellog.head();
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString();
    const moments = [
      ...['', 'yesterday', '-1', '1.5', '2026-2-6', '2026-02-30', '2026-13-01', '0000-01-01'],
      ...['2026-02-06T20:15:00', '2026-02-30T00:00:00Z', '2026-02-06 20:15:00Z', '1e3'],
      ...[String(head + 1n), '9'.repeat(19), '9'.repeat(20)],
      ...[tomorrow, tomorrow.slice(0, 10), '9999-12-31'],
    ];
    for (const moment of moments) {
      const answer = await asked(asOf('/me/stats', moment));
      expect(answer.status, moment).to.equal(400);
      expect(textOf(answer.json, 'errors', 0, 'field'), moment).to.equal('asOf');
    }
    const twice = await asked('/me/stats?asOf=1&asOf=2');
    expect(textOf(twice.json, 'errors', 0, 'field')).to.equal('asOf');
    const unknown = await asked('/me/stats?asOf=1&when=2');
    expect(textOf(unknown.json, 'errors', 0, 'field')).to.equal('when');
    const elsewhere = await asked('/me/favorites?asOf=1');
    expect(textOf(elsewhere.json, 'errors', 0, 'field')).to.equal('asOf');
  });

  it('leave what is served as it is, while it goes on', async () => {
    const { database } = reellog.reellog;
    const { position = '' } = answered[4] ?? {};
    const [answers, ratings] = await Promise.all([
      Promise.all(questions.map((path) => get(asOf(path, position)))),
      Promise.all(
        Array.from({ length: 5 }, (_, nth) =>
          reellog.api({ method: 'PUT', path: `/movies/${M}/rating`, body: { rating: nth } }),
        ),
      ),
    ]);
    for (const answer of answers) expect(answer.status, answer.text).to.equal(200);
    for (const rating of ratings) expect(rating.status, rating.text).to.equal(200);
    await reellog.caughtUp();
    const left = await database.query({
      text: `select nspname from pg_namespace where nspname like 'past\\_%'`,
    });
    expect(left).to.deep.equal([]);
    expect((await get('/me/stats')).json).to.deep.include({ moviePlays: 2 });
  });
});
