import { expect } from 'chai';
import type { HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, prepare, WATCH } from '../requests.js';

describe('An answer given at once', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog({ readLimit: 100_000 });
    await prepare(reellog);
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  const limited = /^limit=100000, remaining=\d+, reset=\d+$/;

  /** What an answer says, but for what differs between any two. */
  const said = ({ status, headers, text }: HttpAnswer): object => {
    const { date, ratelimit, ...others } = headers;
    expect(date).to.be.a('string');
    expect(ratelimit).to.match(limited);
    return { status, headers: others, text };
  };

  for (const path of [
    `/movies/${FILM}`,
    '/movies?q=general&limit=5',
    '/me/history?limit=1',
    '/me/stats',
    '/me/streaks',
  ]) {
    it(`is the routes' own: ${path}`, async () => {
      const byRoutes = await reellog.api({ path });
      const atOnce = await reellog.api({ path });
      expect(said(atOnce)).to.deep.equal(said(byRoutes));
      const { etag } = byRoutes.headers;
      expect(etag).to.match(/^"[\w-]{22}"$/);
      const headers = { 'If-None-Match': String(etag), 'Reellog-After': '1' };
      const unchanged = await reellog.api({ path, headers });
      const unchangedAtOnce = await reellog.api({
        path,
        headers: { 'If-None-Match': String(etag) },
      });
      expect(unchangedAtOnce.status).to.equal(304);
      expect(said(unchangedAtOnce)).to.deep.equal(said(unchanged));
    });
  }

  it('is never of another person', async () => {
    const path = '/me/history';
    const { text } = await reellog.api({ path });
    expect(text).to.include(WATCH);
    const { token } = reellog.member;
    for (let time = 0; time < 2; time += 1) {
      const theirs = await reellog.api({ path, token });
      expect(theirs.status).to.equal(200);
      expect(theirs.text).not.to.include(WATCH);
    }
  });

  it('is not given without a token that may read', async () => {
    const path = `/movies/${FILM}`;
    await reellog.api({ path });
    const { token } = await reellog.reellog.tokens.create({
      userId: reellog.member.userId,
      name: 'only writes',
      scopes: ['write'],
    });
    for (let time = 0; time < 2; time += 1) {
      expect((await reellog.api({ path, token })).status).to.equal(403);
      expect((await reellog.api({ path, token: undefined })).status).to.equal(401);
    }
  });

  it('shows a change as soon as it is in the read model', async () => {
    const path = `/movies/${FILM}`;
    await reellog.api({ path });
    const before = await reellog.api({ path });
    const edited = await reellog.api({
      ...{ method: 'PATCH', path, body: { tagline: 'Love, locomotives and laughs' } },
    });
    const after = String(edited.headers['reellog-position']);
    const shown = await reellog.api({ path, headers: { 'Reellog-After': after } });
    const atOnce = await reellog.api({ path });
    expect(shown.text).to.include('locomotives');
    expect(said(atOnce)).to.deep.equal(said(shown));
    expect(atOnce.headers.etag).not.to.equal(before.headers.etag);
  });

  it('counts as a read like any other', async () => {
    const remaining = async (): Promise<number> => {
      const { headers } = await reellog.api({ path: '/me/streaks' });
      return Number(/remaining=(\d+)/.exec(String(headers.ratelimit))?.[1]);
    };
    const first = await remaining();
    expect(await remaining()).to.equal(first - 1);
    expect(await remaining()).to.equal(first - 2);
  });

  it('is refused to whoever read too often', async () => {
    const limitedTo3 = await startReellog({ readLimit: 3 });
    try {
      await limitedTo3.caughtUp();
      const { token } = limitedTo3.member;
      const statuses = [];
      for (let time = 0; time < 5; time += 1) {
        statuses.push(await limitedTo3.api({ path: '/me/stats', token }));
      }
      expect(statuses.map(({ status }) => status)).to.deep.equal([200, 200, 200, 429, 429]);
      expect(Number(statuses.at(-1)?.headers['retry-after'])).to.be.greaterThan(0);
    } finally {
      await limitedTo3.close();
    }
  });
});
