import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { AllowedOrigin } from '../../../src/infra/outgoing/addresses.js';
import {
  createOutgoing,
  type Outgoing,
  type OutgoingObserver,
  type Provider,
} from '../../../src/infra/outgoing/outgoing.js';
import {
  OutgoingFailure,
  type FailedRequest,
} from '../../../src/infra/outgoing/outgoingFailure.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../support/providers/faultyServer.js';
import { eventually } from '../../support/run/eventually.js';
import { collectingLogger } from '../../support/run/logger.js';

describe('Requests to a provider', () => {
  let server: FaultyServer;
  let elsewhere: FaultyServer;
  const opened: Outgoing[] = [];
  const { signal } = new AbortController();

  before(async () => {
    elsewhere = await startFaultyServer((_, __, response) => {
      sendJson(response, 200, { elsewhere: true });
    });
    server = await startFaultyServer((url, request, response) => {
      switch (url.pathname) {
        case '/v1/moved':
          response.writeHead(302, { location: '/v1/film' }).end();
          return;
        case '/v1/moved-away':
          response.writeHead(302, { location: `${elsewhere.url}/v1/film` }).end();
          return;
        case '/v1/round':
          response.writeHead(302, { location: '/v1/round' }).end();
          return;
        case '/v1/bom':
          response.end('\ufeff{"bom": true}');
          return;
        case '/v1/bomb':
          response.writeHead(200, { 'content-encoding': 'gzip' });
          response.end(gzipSync(`"${'a'.repeat(1_000_000)}"`));
          return;
        case '/v1/tagged':
          if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
          else response.writeHead(200, { etag: '"1"' }).end('{"tagged": true}');
          return;
        default:
          sendJson(response, 200, { path: url.pathname });
      }
    });
  });

  after(async () => {
    await Promise.all([server.close(), elsewhere.close()]);
  });

  afterEach(async () => {
    server.always(undefined);
    await Promise.all(opened.splice(0).map((outgoing) => outgoing.close()));
  });

  const opening = (changes: Partial<Provider> = {}, observer?: OutgoingObserver) => {
    const { logger, lines } = collectingLogger();
    const provider: Provider = {
      name: 'Films',
      baseUrl: `${server.url}/v1`,
      origins: [{ origin: server.url, mayBeInternal: true }],
      headers: { authorization: 'Bearer secret-token' },
      query: { api_key: 'secret-key' },
      perSecond: 1_000,
      atOnce: 10,
      limits: { timeoutMs: 300, maxBytes: 100_000 },
      firstRetryMs: 5,
      ...changes,
    };
    const outgoing = createOutgoing(provider, { logger, observer });
    opened.push(outgoing);
    server.forget();
    return { outgoing, lines };
  };

  const failureOf = async (work: Promise<unknown>): Promise<FailedRequest> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof OutgoingFailure) {
        expect(error.message).to.not.include('secret');
        return error.failure;
      }
      throw error;
    }
    throw new Error('there was an answer');
  };

  it('say who asks, with the key that is configured', async () => {
    const { outgoing } = opening();
    expect(
      await outgoing.getJson('/film', { query: { page: 2, year: undefined }, signal }),
    ).to.deep.equal({ path: '/v1/film' });
    const [request] = server.received;
    expect(request?.url.search).to.equal('?api_key=secret-key&page=2');
    expect(request?.headers['user-agent']).to.match(/^Reellog\/\d/);
    expect(request?.headers.authorization).to.equal('Bearer secret-token');
  });

  it('are measured one by one, however often one thing is asked for', async () => {
    const attempts: string[] = [];
    const { outgoing } = opening({}, async ({ provider, url }, work) => {
      attempts.push(`${provider} ${url.pathname}`);
      return work();
    });
    server.next({ status: 500 });
    await outgoing.getJson('/film', { signal });
    expect(attempts).to.deep.equal(['Films /v1/film', 'Films /v1/film']);
  });

  it('share one answer where several ask for the same at once', async () => {
    const { outgoing } = opening();
    const ask = () => outgoing.getJson('/film', { signal });
    await Promise.all([ask(), ask(), ask()]);
    expect(server.received).to.have.length(1);
    await ask();
    expect(server.received).to.have.length(2);
  });

  for (const fault of [
    'cut',
    { status: 500 },
    { status: 503 },
    { status: 408 },
    { status: 425 },
  ] as const) {
    it(`are tried again after ${typeof fault === 'string' ? fault : fault.status}`, async () => {
      const { outgoing } = opening();
      server.next(fault, fault);
      expect(await outgoing.getJson('/film', { signal })).to.deep.equal({ path: '/v1/film' });
      expect(server.received).to.have.length(3);
    });
  }

  for (const status of [400, 401, 403, 404, 410, 422]) {
    it(`are not tried again after ${status}`, async () => {
      const { outgoing } = opening();
      server.next({ status });
      expect(await failureOf(outgoing.getJson('/film', { signal }))).to.deep.equal({
        kind: 'status',
        status,
      });
      expect(server.received).to.have.length(1);
    });
  }

  it('say once that the key is refused, and again after it was taken', async () => {
    const { outgoing, lines } = opening();
    const refused = () => lines.filter(({ msg }) => String(msg).includes('refuses the key'));
    server.next({ status: 401 }, { status: 401 });
    await failureOf(outgoing.getJson('/one', { signal }));
    await failureOf(outgoing.getJson('/two', { signal }));
    expect(refused()).to.have.length(1);
    await outgoing.getJson('/three', { signal });
    server.next({ status: 403 });
    await failureOf(outgoing.getJson('/four', { signal }));
    expect(refused()).to.have.length(2);
  });

  it('wait as long as they are asked to, all of them', async () => {
    const { outgoing } = opening();
    server.next({ status: 429, headers: { 'retry-after': '1' } });
    const one = outgoing.getJson('/one', { signal });
    await eventually('the first is answered', () => server.received.length === 1);
    await setTimeout(20);
    const two = outgoing.getJson('/two', { signal });
    await setTimeout(100);
    expect(server.received).to.have.length(1);
    await Promise.all([one, two]);
    expect(server.received).to.have.length(3);
  });

  it('are not kept waiting for a provider that wants to be left alone for long', async () => {
    const { outgoing } = opening();
    server.next({ status: 429, headers: { 'retry-after': '3600' } });
    expect(await failureOf(outgoing.getJson('/one', { signal }))).to.deep.equal({
      kind: 'status',
      status: 429,
      retryAfterMs: 3_600_000,
    });
    expect(server.received).to.have.length(1);
  });

  it('end when the provider does not answer in time', async () => {
    const { outgoing } = opening({ limits: { timeoutMs: 50, maxBytes: 1_000 } });
    server.always('hung');
    expect(await failureOf(outgoing.getJson('/film', { signal }))).to.deep.equal({
      kind: 'timeout',
      limitMs: 50,
    });
  });

  it('end at the signal of whoever asks', async () => {
    const { outgoing } = opening({ limits: { timeoutMs: 5_000, maxBytes: 1_000 } });
    server.always('hung');
    const leaving = new AbortController();
    const asked = outgoing.getJson('/film', { signal: leaving.signal });
    leaving.abort();
    const error: unknown = await asked.catch((cause: unknown) => cause);
    expect(error).to.have.nested.property('failure.kind', 'aborted');
  });

  for (const [path, fault, kind] of [
    ['/film', 'endless', 'too-large'],
    ['/bomb', undefined, 'too-large'],
    ['/film', 'no-json', 'malformed'],
    ['/round', undefined, 'address-refused'],
    ['/moved-away', undefined, 'address-refused'],
  ] as const) {
    it(`fail with ${kind} at ${fault ?? path}`, async () => {
      const { outgoing } = opening();
      server.always(fault);
      const { kind: found } = await failureOf(outgoing.getJson(path, { signal }));
      expect(found).to.equal(kind);
    });
  }

  it('follow redirects to places that are configured, and give the key to nobody else', async () => {
    const both: readonly AllowedOrigin[] = [server, elsewhere].map(({ url }) => ({
      origin: url,
      mayBeInternal: true,
    }));
    const { outgoing } = opening({ origins: both });
    elsewhere.forget();
    expect(await outgoing.getJson('/moved', { signal })).to.deep.equal({ path: '/v1/film' });
    expect(await outgoing.getJson('/moved-away', { signal })).to.deep.equal({ elsewhere: true });
    expect(server.received.map(({ headers }) => headers.authorization)).to.not.include(undefined);
    expect(elsewhere.received.map(({ headers }) => headers.authorization)).to.deep.equal([
      undefined,
    ]);
  });

  for (const host of ['127.0.0.1', 'localhost', '[::1]', '10.0.0.8', '[::ffff:192.168.0.1]']) {
    it(`do not go inside the network, to ${host}`, async () => {
      const origin = `http://${host}:${new URL(server.url).port}`;
      const { outgoing } = opening({
        baseUrl: `${origin}/v1`,
        origins: [{ origin: new URL(origin).origin, mayBeInternal: false }],
      });
      expect(await failureOf(outgoing.getJson('/film', { signal }))).to.deep.equal({
        kind: 'address-refused',
      });
      expect(server.received).to.have.length(0);
    });
  }

  it('take a byte order mark before the JSON', async () => {
    const { outgoing } = opening();
    expect(await outgoing.getJson('/bom', { signal })).to.deep.equal({ bom: true });
  });

  it('ask with the ETag for what they have', async () => {
    const { outgoing } = opening();
    const first = await outgoing.getJson('/tagged', { signal });
    expect(await outgoing.getJson('/tagged', { signal })).to.deep.equal(first);
    expect(server.received.map(({ headers }) => headers['if-none-match'])).to.deep.equal([
      undefined,
      '"1"',
    ]);
  });

  it('are not made any more after five failures in a row', async () => {
    const { outgoing, lines } = opening();
    server.always({ status: 500 });
    for (const path of ['/1', '/2', '/3']) await failureOf(outgoing.getJson(path, { signal }));
    expect(server.received).to.have.length(5);
    expect(await failureOf(outgoing.getJson('/4', { signal }))).to.deep.equal({
      kind: 'circuit-open',
    });
    expect(server.received).to.have.length(5);
    expect(lines.filter(({ msg }) => String(msg).includes('not asked for a while'))).to.have.length(
      1,
    );
  });

  it('go on where a provider is busy, or finds nothing', async () => {
    const { outgoing } = opening();
    server.always({ status: 404 });
    for (const path of ['/1', '/2', '/3', '/4', '/5', '/6']) {
      await failureOf(outgoing.getJson(path, { signal }));
    }
    server.always(undefined);
    expect(await outgoing.getJson('/film', { signal })).to.deep.equal({ path: '/v1/film' });
  });

  it('are no more at once than the provider takes', async () => {
    const { outgoing } = opening({ atOnce: 2, limits: { timeoutMs: 5_000, maxBytes: 1_000 } });
    server.always('hung');
    const asking = ['/1', '/2', '/3', '/4'].map((path) => outgoing.getJson(path, { signal }));
    const asked = Promise.allSettled(asking);
    await eventually('two are asked', () => server.received.length === 2);
    await setTimeout(50);
    expect(server.received).to.have.length(2);
    await outgoing.close();
    const ends = await asked;
    expect(ends.map(({ status }) => status)).to.deep.equal(Array(4).fill('rejected'));
  });
});
