import { expect } from 'chai';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import {
  memberOf,
  textOf,
  type HttpAnswer,
  type HttpRequest,
} from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, OTHER_FILM, prepare, UNKNOWN, WATCH } from '../requests.js';

const film = `/movies/${FILM}`;

describeOnBothLogs('Conditions on requests', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  const get = (path: string, headers: HttpRequest['headers'] = {}): Promise<HttpAnswer> =>
    reellog.api({ path, headers });
  const etagOf = ({ headers }: HttpAnswer): string => String(headers.etag);
  const positionOf = ({ headers }: HttpAnswer): string => String(headers['reellog-position']);
  /** The film with everything that has been written. */
  const newest = async (): Promise<HttpAnswer> =>
    get(film, { 'Reellog-After': String(await reellog.head()) });
  const edit = async (tagline: string, headers: HttpRequest['headers'] = {}): Promise<HttpAnswer> =>
    reellog.api({ method: 'PATCH', path: film, body: { tagline }, headers });

  describe('If-None-Match', () => {
    const paths = [film, '/movies?limit=2', '/me/history', '/me/stats', '/me', '/libraries'];

    it('gives 304 without a body to whoever has the answer, in every form of the header', async () => {
      for (const path of paths) {
        const answer = await get(path);
        const etag = etagOf(answer);
        for (const had of [
          etag,
          `W/${etag}`,
          `"other", ${etag}`,
          `${etag},W/"other"`,
          `"", W/"other" ,W/${etag} , "more"`,
          '*',
        ]) {
          const again = await get(path, { 'If-None-Match': had });
          expect(again.status, `${path} ${had}`).to.equal(304);
          expect(again.text).to.equal('');
          expect(again.headers).not.to.have.any.keys('content-type', 'content-length');
          expect(etagOf(again)).to.equal(etag);
          expect(again.headers['cache-control']).to.equal('private, no-cache');
          expect(positionOf(again)).to.equal(positionOf(answer));
        }
      }
    });

    it('gives the answer to whoever has another one, or says nothing that is an ETag', async () => {
      for (const path of paths) {
        const answer = await get(path);
        const bare = etagOf(answer).slice(1, -1);
        for (const had of ['"other"', 'W/"other"', bare, `'${bare}'`, `"${bare}`, '', '"*"', ',']) {
          const again = await get(path, { 'If-None-Match': had });
          expect(again.status, `${path} ${had}`).to.equal(200);
          expect(again.text).to.equal(answer.text);
        }
      }
    });

    it('gives the new answer once the film has changed, under another ETag', async () => {
      const before = await get(film);
      const edited = await edit('Speed, spectacle, love and laughter');
      const headers = { 'If-None-Match': etagOf(before), 'Reellog-After': positionOf(edited) };
      const after = await get(film, headers);
      expect(after.status).to.equal(200);
      expect(etagOf(after)).not.to.equal(etagOf(before));
      expect(memberOf(after.json, 'tagline')).to.equal('Speed, spectacle, love and laughter');
    });

    it('goes on giving 304 where nothing changed but another film', async () => {
      const before = await get(film);
      const elsewhere = await reellog.api({
        ...{ method: 'PATCH', path: `/movies/${OTHER_FILM}`, body: { tagline: 'Isn’t life…' } },
      });
      const headers = { 'If-None-Match': etagOf(before), 'Reellog-After': positionOf(elsewhere) };
      expect((await get(film, headers)).status).to.equal(304);
    });

    it('has no say in problems', async () => {
      const answer = await get('/movies/00000000-0000-4000-8000-00000000dead', {
        'If-None-Match': '*',
      });
      expect(answer.status).to.equal(404);
    });
  });

  describe('HEAD', () => {
    it('has the headers of GET and no body, for every kind of read', async () => {
      await reellog.caughtUp();
      for (const path of [film, '/me/history?limit=1', '/me/tokens', '/genres']) {
        const got = await get(path);
        const head = await reellog.api({ method: 'HEAD', path });
        expect(head.status, path).to.equal(200);
        expect(head.text).to.equal('');
        for (const name of ['content-type', 'etag', 'cache-control', 'reellog-position']) {
          expect(head.headers[name], `${path} ${name}`).to.equal(got.headers[name]);
        }
        expect(Number(head.headers['content-length'])).to.be.greaterThan(0);
      }
      const { headers, text } = await get(film);
      expect(headers['content-length']).to.equal(String(Buffer.byteLength(text)));
    });

    it('is answered with 304 and 404 as GET is', async () => {
      const etag = etagOf(await get(film));
      const headers = { 'If-None-Match': etag };
      expect((await reellog.api({ method: 'HEAD', path: film, headers })).status).to.equal(304);
      const missing = await reellog.api({ method: 'HEAD', path: '/films' });
      expect(missing.status).to.equal(404);
      expect(missing.text).to.equal('');
    });
  });

  describe('If-Match', () => {
    const revision = async (): Promise<number> =>
      Number(memberOf((await newest()).json, 'revision'));

    it('lets a change through that knows the newest revision, and answers with the next', async () => {
      const known = await revision();
      const changed = await edit('One', { 'If-Match': `"${known}"` });
      expect(changed.status).to.equal(200);
      expect(etagOf(changed)).to.equal(`"${known + 1}"`);
      expect(memberOf(changed.json, 'revision')).to.equal(known + 1);
      expect(await revision()).to.equal(known + 1);
      expect((await edit('Two', { 'If-Match': etagOf(changed) })).status).to.equal(200);
      expect((await edit('Three', { 'If-Match': '*' })).status).to.equal(200);
    });

    it('refuses a change that knows an older or a later one, and tells the newest', async () => {
      const newest = await revision();
      const head = await reellog.head();
      for (const known of [0, newest - 1, newest + 1, 4711]) {
        const refused = await edit('Never', { 'If-Match': `"${known}"` });
        expect(refused.status, String(known)).to.equal(412);
        expect(memberOf(refused.json, 'type')).to.equal('/problems/revision-mismatch');
        expect(memberOf(refused.json, 'revision')).to.equal(newest);
        expect(etagOf(refused)).to.equal(`"${newest}"`);
      }
      expect(await reellog.head()).to.equal(head);
    });

    it('compares lists of ETags strongly: weak ones and others match nothing', async () => {
      const known = await revision();
      const etag = `"${known}"`;
      const others = [`W/${etag}`, '"abc"', '""', '"a,b"', `"0${known}"`, `"${known}.0"`, '"é"'];
      const beyond = '"9999999999999999999"';
      for (const none of [...others, beyond, others.join(', '), '', ',', `"${known},"`]) {
        const refused = await edit('Never', { 'If-Match': none });
        expect(refused.status, `${none}: ${refused.text}`).to.equal(412);
        expect(memberOf(refused.json, 'revision'), none).to.equal(known);
      }
      let at = known;
      for (const list of [
        (tag: string) => `"x", ${tag}`,
        (tag: string) => `W/"1",${tag},"y"`,
        (tag: string) => `, "a,b" ,\t${tag} ,,`,
        (tag: string) => `"0", "1", ${beyond}, ${tag}`,
      ]) {
        const changed = await edit(`At ${at}`, { 'If-Match': list(`"${at}"`) });
        expect(changed.status, `${list(`"${at}"`)}: ${changed.text}`).to.equal(200);
        at += 1;
      }
      const twice = await edit('Two headers', { 'If-Match': ['"x"', `"${at}"`] });
      expect(twice.status, twice.text).to.equal(200);
    });

    it('is met by * where something is there, and by nothing where nothing is', async () => {
      const path = `/movies/${OTHER_FILM}/rating`;
      const rate = (rating: number, match: string): Promise<HttpAnswer> =>
        reellog.api({ method: 'PUT', path, body: { rating }, headers: { 'If-Match': match } });
      for (const match of ['*', ' * ', '"0"', 'W/"0"']) {
        const refused = await rate(5, match);
        expect(refused.status, match).to.equal(412);
        expect(memberOf(refused.json, 'revision'), match).to.equal(undefined);
        expect(refused.headers, match).not.to.have.property('etag');
      }
      const first = await reellog.api({ method: 'PUT', path, body: { rating: 6 } });
      expect(first.status).to.equal(200);
      expect((await rate(7, '*')).status).to.equal(200);
      expect((await rate(7, '*')).status, 'changes nothing').to.equal(200);
    });

    it('refuses what would be made anew', async () => {
      for (const [path, body] of [
        ['/movies', { movieId: UNKNOWN, title: 'Ikiru' }],
        ['/libraries', { libraryId: UNKNOWN, name: 'Shed', kind: 'movies' }],
        ['/accounts', { userId: UNKNOWN, displayName: 'Charles' }],
        ['/me/watches', { tmdbId: 4_711, watched: 'now' }],
      ] as const) {
        for (const match of ['*', '"0"', '"abc"']) {
          const headers = { 'If-Match': match };
          const refused = await reellog.api({ method: 'POST', path, body, headers });
          expect(refused.status, `${path} ${match}`).to.equal(412);
        }
      }
    });

    it('is met by * alone where there are no ETags', async () => {
      const path = '/me/tokens';
      const make = (match: string): Promise<HttpAnswer> =>
        reellog.api({ method: 'POST', path, body: { name: 'A' }, headers: { 'If-Match': match } });
      expect((await make('"3"')).status).to.equal(412);
      expect((await make('3')).status).to.equal(400);
      expect((await make('*')).status).to.equal(201);
      expect((await get(path, { 'If-Match': '"3"' })).status).to.equal(412);
    });

    it('asks for one answer in a read', async () => {
      const etag = etagOf(await get(film));
      for (const wanted of [etag, '*', `"x", ${etag}`]) {
        expect((await get(film, { 'If-Match': wanted })).status, wanted).to.equal(200);
      }
      for (const other of [`W/${etag}`, '"x"', '"0"']) {
        const refused = await get(film, { 'If-Match': other });
        expect(refused.status, other).to.equal(412);
      }
      expect((await get(film, { 'If-Match': 'x' })).status).to.equal(400);
    });

    it('lets one alone of many through that know the same', async () => {
      const known = await revision();
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, nth) => edit(`By ${nth}`, { 'If-Match': `"${known}"` })),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).to.deep.equal([200, ...Array<number>(9).fill(412)]);
      const winner = answers.findIndex(({ status }) => status === 200);
      expect(await revision()).to.equal(known + 1);
      expect(memberOf((await newest()).json, 'tagline')).to.equal(`By ${winner}`);
    });
  });

  describe('If-None-Match on a change', () => {
    const path = `/movies/${OTHER_FILM}/review`;
    const review = (text: string, had: string): Promise<HttpAnswer> =>
      reellog.api({
        ...{ method: 'PUT', path, body: { review: text }, headers: { 'If-None-Match': had } },
        token: reellog.member.token,
      });

    it('lets the first through by *, and nobody after', async () => {
      const first = await review('First', '*');
      expect(first.status, first.text).to.equal(200);
      expect((await review('Second', '*')).status).to.equal(412);
    });

    it('refuses the revisions that it names, weak or not', async () => {
      const { headers } = await review('Known', '"none"');
      for (const had of [
        String(headers.etag),
        `W/${String(headers.etag)}`,
        `"x", ${String(headers.etag)}`,
      ]) {
        expect((await review('Never', had)).status, had).to.equal(412);
      }
      expect((await review('Other', 'W/"4711"')).status).to.equal(200);
    });
  });

  describe('Reellog-After', () => {
    it('shows what one has just written, every time', async () => {
      for (let rating = 0; rating <= 10; rating += 0.5) {
        const path = `${film}/rating`;
        const rated = await reellog.api({ method: 'PUT', path, body: { rating } });
        expect(rated.status).to.equal(200);
        const answer = await get(`${film}/state`, { 'Reellog-After': positionOf(rated) });
        expect(memberOf(answer.json, 'rating')).to.equal(rating);
        expect(BigInt(positionOf(answer)) >= BigInt(positionOf(rated))).to.equal(true);
        expect(answer.headers).not.to.have.property('reellog-stale');
      }
    });

    it('says the position in the header and the body alike', async () => {
      const written = await edit('In two places');
      expect(memberOf(written.json, 'position')).to.equal(positionOf(written));
    });

    it('says after a bounded wait that a position of the future is not shown', async () => {
      const position = (await reellog.head()) + 1_000n;
      const usual = await newest();
      const answers = await Promise.all([
        get(film, { 'Reellog-After': String(position) }),
        get(film, { 'Reellog-After': String(position), 'If-None-Match': etagOf(usual) }),
        get('/me/history', { 'Reellog-After': '9223372036854775807' }),
      ]);
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 304, 200]);
      for (const { headers } of answers) expect(headers['reellog-stale']).to.equal('true');
      expect(answers[0].text).to.equal(usual.text);
      expect(BigInt(positionOf(answers[0])) < position).to.equal(true);
      expect((await get(film)).headers).not.to.have.property('reellog-stale');
    });

    it('is answered as soon as the position is written, while it waits', async () => {
      const next = (await reellog.head()) + 1n;
      const waiting = get(film, { 'Reellog-After': String(next) });
      const written = await edit(`Written at ${next}`);
      expect(BigInt(positionOf(written)) >= next).to.equal(true);
      const answer = await waiting;
      expect(answer.headers).not.to.have.property('reellog-stale');
      expect(memberOf(answer.json, 'tagline')).to.equal(`Written at ${next}`);
    });
  });

  describe('Prefer: wait', () => {
    const rate = (rating: number, prefer: string): Promise<HttpAnswer> =>
      reellog.api({
        ...{ method: 'PUT', path: `${film}/rating`, body: { rating } },
        headers: { Prefer: prefer },
      });

    it('answers a command when everything that can be asked shows it', async () => {
      for (let rating = 0; rating <= 10; rating += 0.5) {
        const rated = await rate(rating, rating % 1 === 0 ? 'wait=2' : 'respond-async, wait="100"');
        expect(rated.status).to.equal(200);
        expect(rated.headers['preference-applied'], 'never longer than 2 s').to.equal('wait=2');
        expect(rated.headers).not.to.have.property('reellog-stale');
        expect(memberOf((await get(`${film}/state`)).json, 'rating')).to.equal(rating);
      }
    });

    it('says when the time was too short', async () => {
      // Else it may be shown before the command is answered.
      await reellog.reellog.database.transaction(async (tx) => {
        await tx.query({ text: 'lock table projections.checkpoints in share mode' });
        const rated = await rate(3, 'wait=0');
        expect(rated.status).to.equal(200);
        expect(rated.headers['reellog-stale']).to.equal('true');
      });
    });

    it('is found among other preferences, and says what of it was applied', async () => {
      let rating = 5;
      for (const [prefer, applied] of [
        ['wait=1', 'wait=1'],
        ['Wait = 1', 'wait=1'],
        ['wait="1"', 'wait=1'],
        ['return=minimal, wait=1', 'wait=1'],
        ['wait=1; foo="a,b", respond-async', 'wait=1'],
        ['foo="wait=9, \\" wait=8", wait=1', 'wait=1'],
        ['handling=lenient; wait=9, wait=1', 'wait=1'],
        ['wait=600', 'wait=2'],
        ['wait=0', 'wait=0'],
      ] as const) {
        rating += 0.1;
        const rated = await rate(Math.round(rating * 10) / 10, prefer);
        expect(rated.status, prefer).to.equal(200);
        expect(rated.headers['preference-applied'], prefer).to.equal(applied);
      }
    });

    it('is not applied by what writes nothing', async () => {
      await rate(8, 'wait=1');
      expect((await rate(8, 'wait=1')).headers).not.to.have.property('preference-applied');
    });

    it('is passed over when it means nothing here', async () => {
      for (const prefer of [
        ...['wait', 'wait=soon', 'wait=-1', 'return=minimal', 'await=2', ''],
        ...['return=minimal; wait=2', 'foo="wait=2"', 'foo=", wait=2"', 'wait=2 2', 'wait="2'],
      ]) {
        const rated = await rate(4, prefer);
        expect(rated.status, prefer).to.equal(200);
        expect(rated.headers, prefer).not.to.have.property('preference-applied');
      }
    });
  });

  describe('Idempotency-Key', () => {
    const watch = (key: string, body: object, token?: string): Promise<HttpAnswer> =>
      reellog.api({
        ...{ method: 'POST', path: `${film}/watches`, body },
        headers: { 'Idempotency-Key': key },
        ...(token === undefined ? {} : { token }),
      });

    it('gives the first answer again to the same request, however it is written down', async () => {
      const first = await watch('again', { watched: { date: '2020-01-01' }, note: 'Twice' });
      expect(first.status).to.equal(201);
      const head = await reellog.head();
      for (const body of [
        { watched: { date: '2020-01-01' }, note: 'Twice' },
        { note: 'Twice', watched: { date: '2020-01-01' } },
      ]) {
        const again = await watch('again', body);
        expect(again.status).to.equal(201);
        expect(again.json).to.deep.equal(first.json);
        expect(positionOf(again)).to.equal(positionOf(first));
        expect(etagOf(again)).to.equal(etagOf(first));
        expect(again.headers.location).to.equal(first.headers.location);
      }
      expect(await reellog.head()).to.equal(head);
    });

    it('refuses another request under the key, and appends nothing', async () => {
      expect((await watch('once', { watched: { date: '2020-01-02' } })).status).to.equal(201);
      const head = await reellog.head();
      const other = await watch('once', { watched: { date: '2020-01-03' } });
      expect(other.status).to.equal(409);
      expect(memberOf(other.json, 'type')).to.equal('/problems/idempotency-key-reused');
      expect(await reellog.head()).to.equal(head);
    });

    it('is of one person: another may use the same', async () => {
      const mine = await watch('shared', { watched: { date: '2020-01-04' } });
      const theirs = await watch('shared', { note: 'Mine' }, reellog.member.token);
      expect([mine.status, theirs.status]).to.deep.equal([201, 201]);
      expect(textOf(theirs.json, 'id')).not.to.equal(textOf(mine.json, 'id'));
    });

    it('makes one of many requests that come at the same time', async () => {
      const head = await reellog.head();
      const body = { watched: { date: '2020-01-05' } };
      const answers = await Promise.all(Array.from({ length: 10 }, () => watch('at-once', body)));
      expect(new Set(answers.map(({ json }) => memberOf(json, 'id'))).size).to.equal(1);
      for (const { status, text } of answers) expect(status, text).to.be.oneOf([200, 201]);
      const { events } = await reellog.reellog.eventStore.readAll({ after: head });
      expect(events).to.have.length(1);
    });

    it('is free again when the request was refused', async () => {
      expect((await watch('retried', { watched: { date: '2999-01-01' } })).status).to.equal(422);
      expect((await watch('retried', { watched: { date: '2020-01-06' } })).status).to.equal(201);
    });

    it('makes a removal safe to send again', async () => {
      const request = {
        ...{ method: 'DELETE', path: `${film}/watches/${WATCH}` },
        headers: { 'Idempotency-Key': 'removal' },
      };
      const statuses = [(await reellog.api(request)).status, (await reellog.api(request)).status];
      expect(statuses).to.deep.equal([204, 204]);
      const without = { method: request.method, path: request.path };
      expect((await reellog.api(without)).status).to.equal(404);
    });
  });

  it('let answers be kept by their owner alone, and problems by nobody', async () => {
    const kept = async (path: string, token?: string): Promise<unknown> =>
      (await reellog.api({ path, ...(token === undefined ? {} : { token }) })).headers[
        'cache-control'
      ];
    for (const path of [film, '/movies', '/me/stats']) {
      expect(await kept(path), path).to.equal('private, no-cache');
    }
    for (const path of ['/me/tokens', '/projections', '/films', '/movies?limit=0']) {
      expect(await kept(path), path).to.equal('no-store');
    }
    expect(await kept('/me', 'reel_nobody')).to.equal('no-store');
    expect(await kept('/openapi.json')).to.equal('public, max-age=300');
  });
});
