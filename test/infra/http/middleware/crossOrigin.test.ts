import { expect } from 'chai';
import type { HttpAnswer, HttpRequest } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, prepare } from '../requests.js';

const SITE = 'https://reel.example';
const STRANGER = 'https://stranger.example';

const listOf = (header: string | undefined): readonly string[] =>
  (header ?? '').split(',').map((name) => name.trim());

/** What a browser asks before it sends such a request for a page of another site. */
const preflight = (origin: string): HttpRequest => ({
  method: 'OPTIONS',
  path: `/api/v1/movies/${FILM}/rating`,
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': 'PUT',
    'Access-Control-Request-Headers': 'authorization,content-type,if-match,idempotency-key',
  },
});

/** Answers of every kind. */
const requests: readonly HttpRequest[] = [
  { path: `/movies/${FILM}` },
  { path: '/me/tokens' },
  { method: 'PUT', path: `/movies/${FILM}/favorite` },
  { path: '/me', token: undefined },
  { path: '/films' },
  { method: 'PUT', path: '/me' },
  { method: 'POST', path: '/movies', raw: '{' },
  { path: '/openapi.json', token: undefined },
];

describe('Browsers', () => {
  let reellog: RunningReellog;
  let open: RunningReellog;
  let closed: RunningReellog;

  before(async () => {
    reellog = await startReellog({ corsOrigins: [SITE, 'http://localhost:5173'] });
    open = await startReellog({ corsOrigins: ['*'] });
    closed = await startReellog();
    await prepare(reellog);
  });

  after(async () => {
    await reellog.close();
    await open.close();
    await closed.close();
  });

  const from = (origin: string, request: HttpRequest): HttpRequest => ({
    ...request,
    headers: { Origin: origin },
  });
  const allowed = ({ headers }: HttpAnswer): unknown => headers['access-control-allow-origin'];

  describe('of a site that is allowed', () => {
    it('are told so without a token when they ask before a request', async () => {
      for (const origin of [SITE, 'http://localhost:5173']) {
        const answer = await reellog.send(preflight(origin));
        expect(answer.status).to.equal(204);
        expect(answer.text).to.equal('');
        expect(allowed(answer)).to.equal(origin);
        const { headers } = answer;
        expect(listOf(headers['access-control-allow-methods'])).to.include.members([
          'GET',
          'HEAD',
          'POST',
          'PUT',
          'PATCH',
          'DELETE',
        ]);
        expect(listOf(headers['access-control-allow-headers'])).to.include.members([
          'authorization',
          'content-type',
          'if-match',
          'idempotency-key',
        ]);
        expect(Number(headers['access-control-max-age'])).to.be.greaterThan(0);
      }
    });

    it('may read every answer, problems too, and the headers that say more', async () => {
      for (const request of requests) {
        const answer = await reellog.api(from(SITE, request));
        const told = `${request.method ?? 'GET'} ${request.path}`;
        expect(allowed(answer), told).to.equal(SITE);
        expect(listOf(answer.headers.vary), told).to.include('Origin');
        expect(listOf(answer.headers['access-control-expose-headers']), told).to.include.members([
          ...['ETag', 'Location', 'Retry-After', 'Reellog-Position', 'Reellog-Stale'],
        ]);
        expect(answer.headers, told).not.to.have.property('access-control-allow-credentials');
      }
    });

    it('may read what comes from the cache as well', async () => {
      const path = `/movies/${FILM}`;
      for (let time = 0; time < 3; time += 1) {
        const own = await reellog.api({ path });
        expect(own.headers).not.to.have.property('access-control-allow-origin');
        expect(listOf(own.headers.vary)).to.include('Origin');
        expect(allowed(await reellog.api(from(SITE, { path })))).to.equal(SITE);
        expect(allowed(await reellog.api(from(STRANGER, { path })))).to.equal(undefined);
      }
    });
  });

  describe('of any other site', () => {
    it('are told of no permission, before a request and with every answer', async () => {
      for (const service of [reellog, closed]) {
        for (const origin of [STRANGER, `${SITE}.example`, 'http://reel.example', 'null']) {
          expect(allowed(await service.send(preflight(origin))), origin).to.equal(undefined);
          for (const request of requests) {
            const answer = await service.api(from(origin, request));
            expect(allowed(answer), `${origin} ${request.path}`).to.equal(undefined);
          }
        }
      }
    });
  });

  it('of every site may call where all are allowed', async () => {
    expect(allowed(await open.send(preflight(STRANGER)))).to.equal('*');
    for (const request of requests) {
      expect(allowed(await open.api(from(STRANGER, request))), request.path).to.equal('*');
    }
  });

  describe('are told to', () => {
    const served: readonly HttpRequest[] = [
      ...requests.map((request) => ({ ...request, path: `/api/v1${request.path}` })),
      ...['/healthz', '/readyz', '/docs/', '/problems/gone', '/', '/nowhere'].map((path) => ({
        path,
      })),
    ];

    it('take no answer for anything but what it says it is, nor put it into a frame', async () => {
      for (const request of served) {
        const { headers } = await reellog.send({ token: reellog.owner.token, ...request });
        const told = request.path;
        expect(headers['x-content-type-options'], told).to.equal('nosniff');
        expect(headers['x-frame-options'], told).to.equal('SAMEORIGIN');
        expect(headers['content-security-policy'], told).to.match(/frame-ancestors '(none|self)'/);
        expect(headers['strict-transport-security'], told).to.match(/^max-age=\d{8,}/);
        expect(headers, told).not.to.have.property('x-powered-by');
      }
    });

    it('load nothing for data, and for the page of the API only what comes from here', async () => {
      const policy = async (path: string): Promise<string> =>
        String((await reellog.send({ path })).headers['content-security-policy']);
      expect(await policy('/api/v1/me')).to.include("default-src 'none'");
      const docs = await policy('/docs/');
      expect(docs).to.include("default-src 'none'").and.to.include("script-src 'self'");
      expect(docs).not.to.match(/https?:|script-src[^;]*unsafe|\*/);
    });
  });
});
