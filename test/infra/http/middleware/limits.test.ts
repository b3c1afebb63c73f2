import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { API_BASE } from '../../../../src/infra/http/openapi/openapi.js';
import {
  memberOf,
  type HttpAnswer,
  type HttpRequest,
} from '../../../support/service/httpClient.js';
import {
  startReellog,
  type Person,
  type RunningReellog,
} from '../../../support/service/reellog.js';
import { expectDocumented, pathOf } from '../openapi/documented.js';
import { FILM } from '../requests.js';

const READS = 20;
const WRITES = 5;
const FAILURES = 5;
const BODY_BYTES = 2_048;

const limited = {
  readLimit: READS,
  writeLimit: WRITES,
  signInLimit: FAILURES,
  bodyBytes: BODY_BYTES,
};

const statusesOf = (answers: readonly HttpAnswer[]): readonly number[] =>
  answers.map(({ status }) => status);
const times = <T>(count: number, value: T): readonly T[] => Array<T>(count).fill(value);

describe('Limits', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog(limited);
    const film = { method: 'POST', path: '/movies', body: { movieId: FILM, title: 'Ikiru' } };
    expect((await reellog.api(film)).status).to.equal(201);
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  /** One after the other, so that it is known which comes too late. */
  const oneByOne = async (
    count: number,
    request: HttpRequest,
    service = reellog,
  ): Promise<readonly HttpAnswer[]> => {
    const answers: HttpAnswer[] = [];
    for (let nth = 0; nth < count; nth += 1) answers.push(await service.api(request));
    return answers;
  };

  /** Somebody new, whom the read models know. */
  const newcomer = async (name: string, service = reellog): Promise<Person> => {
    const person = await service.register(name);
    await service.caughtUp();
    return person;
  };

  /** A refusal that says how long to wait, within the window. */
  const mustWait = (
    answer: HttpAnswer | undefined,
    request: HttpRequest,
    windowS: number,
  ): void => {
    if (!answer) throw new Error('there is no answer');
    expect(answer.status).to.equal(429);
    expectDocumented(pathOf(request.path) ?? '', request.method ?? 'GET', answer);
    expect(memberOf(answer.json, 'type')).to.equal('/problems/too-many-requests');
    expect(memberOf(answer.json, 'instance')).to.equal(`${API_BASE}${request.path}`);
    expect(answer.headers['retry-after']).to.match(/^\d+$/);
    expect(Number(answer.headers['retry-after'])).to.be.within(1, windowS);
  };

  const from = (address: string, token?: string): HttpRequest => ({
    path: '/me',
    token,
    headers: { 'X-Forwarded-For': address },
  });

  const favorite = (token: string): HttpRequest => ({
    method: 'PUT',
    path: `/movies/${FILM}/favorite`,
    token,
  });

  describe('of one person', () => {
    it('are so many reads in 5 minutes, of whatever kind; writes go on, and so do others', async () => {
      const { token } = await newcomer('Reader');
      const paths = ['/me', `/movies/${FILM}`, '/me/tokens', '/me/stats'];
      for (let nth = 0; nth < READS; nth += 1) {
        const method = nth % 2 === 0 ? 'GET' : 'HEAD';
        const answer = await reellog.api({ method, path: paths[nth % 4] ?? '', token });
        expect(answer.status).to.equal(200);
        expect(answer.headers.ratelimit).to.include(`remaining=${READS - nth - 1},`);
        expect(answer.headers['ratelimit-policy']).to.equal(`${READS};w=300`);
      }
      for (const path of paths) {
        const request = { path, token };
        mustWait(await reellog.api(request), request, 300);
      }
      expect((await reellog.api(favorite(token))).status).to.equal(200);
      expect((await reellog.api({ path: '/me', token: reellog.member.token })).status).to.equal(
        200,
      );
    });

    it('are so many writes in a minute; what is one too many does nothing, reads go on', async () => {
      const { token } = await newcomer('Writer');
      const request = favorite(token);
      expect(statusesOf(await oneByOne(WRITES, request))).to.deep.equal(times(WRITES, 200));
      const head = await reellog.head();
      mustWait(await reellog.api(request), request, 60);
      const removal = { ...request, method: 'DELETE' };
      mustWait(await reellog.api(removal), removal, 60);
      expect(await reellog.head()).to.equal(head);
      expect((await reellog.api({ path: '/me', token })).status).to.equal(200);
    });

    it('are counted together for all tokens of the person', async () => {
      const { userId, token } = await newcomer('Two tokens');
      const second = (await reellog.reellog.tokens.create({ userId, name: 'second' })).token;
      const first = await oneByOne(WRITES - 1, favorite(token));
      const answers = [...first, ...(await oneByOne(2, favorite(second)))];
      expect(statusesOf(answers)).to.deep.equal([...times(WRITES, 200), 429]);
    });

    it('let just so many through when requests come all at once', async () => {
      const { token } = await newcomer('All at once');
      const answers = await Promise.all(
        times(3 * READS, { path: '/me', token }).map((request) => reellog.api(request)),
      );
      const through = statusesOf(answers).filter((status) => status === 200);
      expect(through.length).to.equal(READS);
      expect([...new Set(statusesOf(answers))]).to.have.members([200, 429]);
      expect((await reellog.api({ path: '/me', token })).status).to.equal(429);
    });
  });

  describe('of failed sign-ins', () => {
    let service: RunningReellog;

    before(async () => {
      // The address that is meant is the one that the proxy in front tells.
      service = await startReellog({ ...limited, trustedProxies: 1 });
    });

    after(async () => {
      await service.close();
    });

    it('are so many in a minute from one address, with a bad token or none', async () => {
      const bad = await oneByOne(FAILURES - 1, from('192.0.2.1', 'reel_nobody'), service);
      const none = await oneByOne(1, from('192.0.2.1'), service);
      expect(statusesOf([...bad, ...none])).to.deep.equal(times(FAILURES, 401));
      for (const request of [from('192.0.2.1', 'reel_nobody'), from('192.0.2.1')]) {
        mustWait(await service.api(request), request, 60);
      }
      expect((await service.api(from('192.0.2.2', 'reel_nobody'))).status).to.equal(401);
    });

    it('are of one address whatever its port, and however it is written', async () => {
      for (const forms of [
        ['198.51.100.7', '198.51.100.7:1234', '::ffff:198.51.100.7', '[::ffff:198.51.100.7]:9'],
        ['2001:db8:1:2::3', '[2001:db8:1:2::3]:443', '2001:DB8:1:2:9::', '[2001:db8:1:2:ffff::1]'],
        ['203.0.113.1, 198.51.100.8:1', '203.0.113.2,198.51.100.8:2', '198.51.100.8:3'],
      ]) {
        const answers: HttpAnswer[] = [];
        for (let nth = 0; nth <= FAILURES; nth += 1) {
          const form = forms[nth % forms.length] ?? '';
          answers.push(await service.api(from(form, 'reel_nobody')));
        }
        expect(statusesOf(answers), forms[0]).to.deep.equal([...times(FAILURES, 401), 429]);
      }
      for (const other of ['198.51.100.9:1234', '[2001:db8:1:3::3]:443']) {
        expect((await service.api(from(other, 'reel_nobody'))).status, other).to.equal(401);
      }
    });

    it('do not keep out who is signed in at that address', async () => {
      const { token } = await newcomer('Behind the same router', service);
      expect((await service.api(from('192.0.2.3', token))).status).to.equal(200);
      await oneByOne(FAILURES + 1, from('192.0.2.3', 'reel_nobody'), service);
      expect(statusesOf(await oneByOne(3, from('192.0.2.3', token), service))).to.deep.equal(
        times(3, 200),
      );
      const another = await newcomer('Behind it as well, and not seen before', service);
      expect((await service.api(from('192.0.2.3', another.token))).status).to.equal(200);
    });

    it('do not keep out a good token after some failures, and it does not count as one', async () => {
      await oneByOne(FAILURES - 1, from('192.0.2.4', 'reel_nobody'), service);
      const people: Person[] = [];
      for (let nth = 0; nth < FAILURES; nth += 1) people.push(await newcomer(`P${nth}`, service));
      for (const { token } of people) {
        expect((await service.api(from('192.0.2.4', token))).status).to.equal(200);
      }
      const last = await oneByOne(2, from('192.0.2.4', 'reel_nobody'), service);
      expect(statusesOf(last)).to.deep.equal([401, 429]);
    });

    it('are not had by many requests at once with good tokens that are not yet known', async () => {
      await oneByOne(FAILURES - 1, from('192.0.2.5', 'reel_nobody'), service);
      const people: Person[] = [];
      for (let nth = 0; nth < 5; nth += 1) people.push(await newcomer(`Q${nth}`, service));
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, nth) =>
          service.api(from('192.0.2.5', people[nth % people.length]?.token)),
        ),
      );
      expect(statusesOf(answers)).to.deep.equal(times(50, 200));
    });
  });

  describe('of bodies', () => {
    const ofBytes = (length: number): string => {
      const empty = JSON.stringify({ displayName: 'Akira' });
      return empty.padEnd(length, ' ');
    };
    const patch = (token: string, raw: string | Buffer, headers: HttpRequest['headers'] = {}) => ({
      ...{ method: 'PATCH', path: '/me', token, raw, headers },
    });

    it('let through what is just as large as a body may be, and nothing larger', async () => {
      const { token } = await newcomer('Exact');
      expect((await reellog.api(patch(token, ofBytes(BODY_BYTES)))).status).to.equal(200);
      const head = await reellog.head();
      const larger = await reellog.api(patch(token, ofBytes(BODY_BYTES + 1)));
      expect(larger.status).to.equal(413);
      expect(memberOf(larger.json, 'type')).to.equal('/problems/too-large');
      expect(await reellog.head()).to.equal(head);
    });

    it('hold for a body that does not tell its length', async () => {
      const { token } = await newcomer('Chunked');
      const chunked = { 'Transfer-Encoding': 'chunked', 'Content-Length': [] };
      const small = await reellog.api(patch(token, ofBytes(200), chunked));
      const large = await reellog.api(patch(token, ofBytes(BODY_BYTES + 1), chunked));
      expect([small.status, large.status]).to.deep.equal([200, 413]);
    });

    it('hold for what a compressed body becomes', async () => {
      const { token } = await newcomer('Compressed');
      const zipped = { 'Content-Encoding': 'gzip' };
      const bomb = gzipSync(ofBytes(1_000_000));
      expect(bomb.length).to.be.lessThan(BODY_BYTES);
      const small = await reellog.api(patch(token, gzipSync(ofBytes(200)), zipped));
      const large = await reellog.api(patch(token, bomb, zipped));
      expect([small.status, large.status]).to.deep.equal([200, 413]);
    });
  });

  it('do not hold for whoever watches over the service, or reads about it', async () => {
    for (const path of ['/healthz', '/readyz', `${API_BASE}/openapi.json`]) {
      for (let nth = 0; nth < READS + 5; nth += 1) {
        expect((await reellog.send({ path })).status, path).to.equal(200);
      }
    }
  });

  // The last: the failures are of the address that every other test here comes from.
  describe('of failed sign-ins, without a proxy', () => {
    it('are of the real address where no proxy is trusted, whatever a client claims', async () => {
      const claimed = Array.from({ length: FAILURES + 1 }, (_, nth) =>
        from(`192.0.2.${100 + nth}`, 'reel_nobody'),
      );
      const answers: HttpAnswer[] = [];
      for (const request of claimed) answers.push(await reellog.api(request));
      expect(statusesOf(answers)).to.deep.equal([...times(FAILURES, 401), 429]);
    });
  });
});
