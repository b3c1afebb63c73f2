import { expect } from 'chai';
import { memberOf, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

/** What the service has at its root, too, as a path in front of it. */
const PATHS = ['/reellog', '/api', '/docs', '/api/v1', '/a/b-c'];

describe('Behind a proxy with a path of its own', () => {
  for (const path of PATHS) {
    describe(path, () => {
      let reellog: RunningReellog;

      before(async () => {
        reellog = await startReellog({ baseUrl: `https://films.example${path}/` });
      });

      after(async () => {
        await reellog.close();
      });

      /** As the request arrives from a proxy that leaves the path there, and from one that takes it off. */
      const bothWays = async (
        address: string,
        look: (answer: HttpAnswer) => void | Promise<void>,
        request: object = {},
      ): Promise<void> => {
        for (const sent of [`${path}${address}`, address]) {
          await look(await reellog.send({ token: reellog.owner.token, ...request, path: sent }));
        }
      };

      it('has everything at both addresses', async () => {
        for (const address of ['/api/v1/movies?limit=1', '/docs/', '/healthz', '/api/v1/me']) {
          await bothWays(address, ({ status }) => {
            expect(status, address).to.equal(200);
          });
        }
      });

      it('names problems, and where they were met, as clients know them', async () => {
        await bothWays('/api/v1/movies?limit=0', ({ status, json }) => {
          expect(status).to.equal(400);
          expect(memberOf(json, 'type')).to.equal(`${path}/problems/malformed`);
          expect(memberOf(json, 'instance')).to.equal(`${path}/api/v1/movies?limit=0`);
        });
        await bothWays('/problems/malformed', ({ json }) => {
          expect(memberOf(json, 'type')).to.equal(`${path}/problems/malformed`);
        });
        await bothWays(
          '/api/v1/me',
          ({ json }) => {
            expect(memberOf(json, 'instance')).to.equal(`${path}/api/v1/me`);
          },
          { token: 'reel_nobody' },
        );
      });

      it('has nothing at other addresses, and says so of the one that was asked for', async () => {
        await bothWays('/nothing', ({ status, json }) => {
          expect(status).to.equal(404);
          expect(memberOf(json, 'type')).to.equal(`${path}/problems/not-found`);
        });
        const beside = await reellog.send({ path: `${path}x/api/v1/movies` });
        expect(beside.status).to.be.oneOf([404, 401]);
        const { json } = await reellog.send({ path: '/nothing' });
        expect(memberOf(json, 'instance')).to.equal(`${path}/nothing`);
      });

      it('says where what was made is', async () => {
        const post = { method: 'POST', body: { title: 'The General' } };
        await bothWays(
          '/api/v1/movies',
          (answer) => {
            const id = textOf(answer.json, 'id');
            expect(answer.headers.location).to.equal(`${path}/api/v1/movies/${id}`);
          },
          post,
        );
        await bothWays(
          '/api/v1/projections/genres_x/rebuilds',
          ({ json }) => {
            expect(memberOf(json, 'type')).to.equal(`${path}/problems/not-found`);
          },
          { method: 'POST' },
        );
        const rebuild = { method: 'POST', path: `${path}/api/v1/projections/ratings/rebuilds` };
        const asked = await reellog.send({ ...rebuild, token: reellog.owner.token });
        expect(asked.headers.location).to.match(new RegExp(`^${path}/api/v1/rebuilds/\\d+$`));
      });

      it('shows its page, with what that loads, and a document that names the server', async () => {
        await bothWays('/docs/', async (page) => {
          const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
            ([, at = '']) => at,
          );
          expect(loaded).to.have.length.greaterThan(2);
          for (const at of loaded) {
            expect(at.startsWith(`${path}/docs/`), at).to.equal(true);
            expect((await reellog.send({ path: at })).status, at).to.equal(200);
          }
          expect(page.headers['content-security-policy']).to.include('https://films.example');
        });
        const { text } = await reellog.send({ path: `${path}/docs/start.js` });
        expect(text).to.include(`url: '${path}/api/v1/openapi.json'`);
        const document = await reellog.send({ path: `${path}/api/v1/openapi.json` });
        expect(memberOf(document.json, 'servers')).to.deep.equal([
          { url: `https://films.example${path}` },
        ]);
      });

      it('leads from its root to the page', async () => {
        const isOurs = path === '/docs' || path === '/api/v1';
        for (const root of isOurs ? ['/'] : [path, `${path}/`, '/']) {
          const answer = await reellog.send({ path: root });
          expect([answer.status, answer.headers.location], root).to.deep.equal([
            ...[303, `${path}/docs/`],
          ]);
        }
      });
    });
  }
});

describe('Strict-Transport-Security', () => {
  for (const [hstsSubdomains, expected] of [
    [false, 'max-age=31536000'],
    [true, 'max-age=31536000; includeSubDomains'],
  ] as const) {
    it(`${hstsSubdomains ? 'is' : 'is not'} for subdomains where ${hstsSubdomains ? '' : 'not '}asked for`, async () => {
      const reellog = await startReellog({ hstsSubdomains });
      try {
        for (const path of [
          '/api/v1/me',
          '/api/v1/openapi.json',
          '/docs/',
          '/healthz',
          '/nowhere',
        ]) {
          const { headers } = await reellog.send({ path, token: reellog.owner.token });
          expect(headers['strict-transport-security'], path).to.equal(expected);
        }
        await reellog.send({ path: '/api/v1/me', token: reellog.owner.token });
        const again = await reellog.send({ path: '/api/v1/me', token: reellog.owner.token });
        expect(again.headers['strict-transport-security'], 'from the cache').to.equal(expected);
      } finally {
        await reellog.close();
      }
    });
  }
});
