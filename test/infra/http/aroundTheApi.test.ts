import { expect } from 'chai';
import { version } from '../../../src/infra/version.js';
import { projections } from '../../../src/projections/projections.js';
import { routes } from '../../../src/infra/http/routes/routes.js';
import { titles } from '../../../src/infra/http/problems.js';
import { memberOf, type HttpAnswer } from '../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';
import { addressOf, prepare } from './requests.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

describe('Around the API', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  const isProblem = (answer: HttpAnswer, status: number, type: string): void => {
    expect(answer.status, answer.text).to.equal(status);
    expect(answer.headers['content-type']).to.equal('application/problem+json; charset=utf-8');
    expect(answer.headers['cache-control']).to.equal('no-store');
    expect(memberOf(answer.json, 'type')).to.equal(`/problems/${type}`);
    expect(memberOf(answer.json, 'status')).to.equal(status);
  };

  describe('the service says of itself', () => {
    it('that it lives', async () => {
      const answer = await reellog.send({ path: '/healthz' });
      expect(answer.status).to.equal(200);
      expect(answer.json).to.deep.equal({ status: 'ok' });
      expect(answer.headers['cache-control']).to.equal('no-store');
      expect((await reellog.send({ method: 'HEAD', path: '/healthz' })).status).to.equal(200);
    });

    it('that it is ready, with the state of every read model', async () => {
      const answer = await reellog.send({ path: '/readyz' });
      expect(answer.status).to.equal(200);
      expect(memberOf(answer.json, 'status')).to.equal('ready');
      expect(memberOf(answer.json, 'database')).to.equal('ok');
      const names = projections.map(({ name }) => name);
      expect(memberOf(answer.json, 'projections')).to.have.all.keys(names);
      for (const name of names) {
        expect(memberOf(answer.json, 'projections', name, 'lagEvents')).to.equal(0);
      }
      expect(answer.headers['cache-control']).to.equal('no-store');
    });

    it('nothing that tells a stranger of people or versions', async () => {
      for (const path of ['/healthz', '/readyz']) {
        const { text, headers } = await reellog.send({ path });
        expect(text).not.to.include(reellog.owner.userId).and.not.to.include(version);
        expect(headers).not.to.have.property('server');
      }
    });
  });

  it('questions that come before the read models are made are asked to come again', async () => {
    const { database } = reellog.reellog;
    await database.query({ text: 'alter schema libraries rename to libraries_to_be', values: [] });
    try {
      const answer = await reellog.api({ path: '/libraries' });
      isProblem(answer, 503, 'unavailable');
      expect(Number(answer.headers['retry-after'])).to.be.greaterThan(0);
    } finally {
      await database.query({
        ...{ text: 'alter schema libraries_to_be rename to libraries', values: [] },
      });
    }
    expect((await reellog.api({ path: '/libraries' })).status).to.equal(200);
  });

  describe('the page of the API', () => {
    it('is where the address of the service leads to', async () => {
      const answer = await reellog.send({ path: '/' });
      expect(answer.status).to.equal(303);
      expect(answer.headers.location).to.equal('/docs/');
    });

    it('is there with everything that it loads, all of it from here', async () => {
      for (const path of ['/docs', '/docs/']) {
        const page = await reellog.send({ path });
        expect(page.status).to.equal(200);
        expect(page.headers['content-type']).to.equal('text/html; charset=utf-8');
        const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, at = '']) => at);
        expect(loaded).to.have.length.greaterThan(2);
        for (const address of loaded) {
          expect(address).to.match(/^\/docs\//);
          const { status, headers } = await reellog.send({ path: address });
          expect(status, address).to.equal(200);
          expect(headers['content-type']).to.match(
            address.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
          );
        }
      }
    });

    it('shows the document that the API gives without a token', async () => {
      const start = await reellog.send({ path: '/docs/start.js' });
      const [, address = ''] = /url: '([^']+)'/.exec(start.text) ?? [];
      const document = await reellog.send({ path: address });
      expect(document.status).to.equal(200);
      expect(document.headers['content-type']).to.equal('application/json; charset=utf-8');
      expect(memberOf(document.json, 'info', 'version')).to.equal(version);
    });

    it('gives nothing away that lies beside it', async () => {
      for (const path of [
        '/docs/../package.json',
        '/docs/..%2f..%2fpackage.json',
        '/docs/%2e%2e/%2e%2e/package.json',
        '/docs/..\\..\\package.json',
        '/docs/package.json',
        '/docs/index.html',
        '/docs/swagger-initializer.js',
        '/docs/nothing.js',
        '/docs/%00',
      ]) {
        const answer = await reellog.send({ path });
        expect(answer.status, path).to.be.oneOf([400, 403, 404]);
        expect(answer.headers['content-type']).to.equal('application/problem+json; charset=utf-8');
      }
    });
  });

  describe('every kind of problem', () => {
    it('has a page that says what it means', async () => {
      for (const [code, title] of Object.entries(titles)) {
        const { status, json } = await reellog.send({ path: `/problems/${code}` });
        expect(status, code).to.equal(200);
        expect(json).to.deep.equal({ type: `/problems/${code}`, title });
      }
    });

    it('that there is not has none', async () => {
      for (const code of ['nonsense', 'constructor', '__proto__', 'toString', '']) {
        isProblem(await reellog.send({ path: `/problems/${code}` }), 404, 'not-found');
      }
    });
  });

  describe('nothing is', () => {
    it('at addresses that no route has, in the API and beside it', async () => {
      for (const path of [
        '/api',
        '/api/',
        '/api/v2/movies',
        '/movies',
        '/docs.html',
        '/HEALTHZ/x',
      ]) {
        isProblem(await reellog.send({ path }), 404, 'not-found');
      }
      for (const path of ['', '/', '/movie', '/Movies', '/movies/', '/me/', '/me/history/x']) {
        isProblem(await reellog.api({ path }), 404, 'not-found');
      }
    });

    it('said back to a client of an address but the address, shortened', async () => {
      const path = `/nowhere/${'x'.repeat(5_000)}`;
      const answer = await reellog.send({ path });
      isProblem(answer, 404, 'not-found');
      expect(answer.text.length).to.be.lessThan(1_000);
      const script = await reellog.send({ path: '/<script>alert(1)</script>' });
      isProblem(script, 404, 'not-found');
    });

    it('done by a method that an address has not; `Allow` says which it has', async () => {
      const byPath = new Map<string, Set<string>>();
      for (const route of routes) {
        const here = byPath.get(route.path) ?? new Set();
        here.add(route.method.toUpperCase());
        if (route.method === 'get') here.add('HEAD');
        byPath.set(route.path, here);
      }
      const head = await reellog.head();
      for (const route of routes) {
        const has = byPath.get(route.path) ?? new Set();
        for (const method of METHODS.filter((one) => !has.has(one))) {
          const answer = await reellog.api({ method, path: addressOf(route) });
          if (method === 'HEAD') expect(answer.status).to.equal(405);
          else isProblem(answer, 405, 'method-not-allowed');
          expect(answer.headers.allow?.split(', ')).to.have.members([...has]);
        }
      }
      expect(await reellog.head()).to.equal(head);
    });
  });

  it('tells by OPTIONS what can be done with an address', async () => {
    const answer = await reellog.api({ method: 'OPTIONS', path: '/movies' });
    expect(answer.status, answer.text).to.equal(204);
    expect(answer.headers.allow?.split(', ')).to.have.members(['GET', 'HEAD', 'POST', 'OPTIONS']);
    const nowhere = await reellog.api({ method: 'OPTIONS', path: '/films' });
    isProblem(nowhere, 404, 'not-found');
  });
});
