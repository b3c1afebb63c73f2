import { expect } from 'chai';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { API_BASE } from '../../../../src/infra/http/openapi/openapi.js';
import type { Method, Route } from '../../../../src/infra/http/route.js';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import {
  memberOf,
  textOf,
  type HttpAnswer,
  type HttpRequest,
} from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { document, expectDocumented } from '../openapi/documented.js';
import {
  awayRadarr,
  addressOf,
  FILM,
  LIBRARY,
  prepare,
  requestTo,
  routeOf,
  takesBody,
  takesImage,
  UNKNOWN,
  unknownOf,
} from '../requests.js';

/** What statistics count by. */
const details = {
  genres: ['Action', 'Comedy'],
  countries: ['US'],
  languages: ['en'],
  originalLanguage: 'en',
  directors: ['Buster Keaton', 'Clyde Bruckman'],
  studios: ['Buster Keaton Productions'],
};

/** Writes, then reads of what was written, then removals. */
const inOrder = (first: Route, second: Route): number =>
  turnOf(first.method) - turnOf(second.method);
const turnOf = (method: Method): number => (method === 'get' ? 1 : method === 'delete' ? 2 : 0);

describeOnBothLogs('Answers', () => {
  let reellog: RunningReellog;
  /** A token for each operation that revokes one. */
  const tokens: Record<string, string> = {};
  let readOnly: string;
  let writeOnly: string;

  before(async () => {
    reellog = await startReellog(awayRadarr);
    await prepare(reellog);
    const known = await reellog.api({ method: 'PATCH', path: `/movies/${FILM}`, body: details });
    expect(known.status, known.text).to.equal(200);
    const tokenOf = async (scope: 'read' | 'write') => {
      const { userId } = reellog.owner;
      return reellog.reellog.tokens.create({ userId, name: scope, scopes: [scope] });
    };
    readOnly = (await tokenOf('read')).token;
    writeOnly = (await tokenOf('write')).token;
    for (const operationId of ['revokeToken', 'revokeAnyToken']) {
      const { userId } = reellog.owner;
      const { info } = await reellog.reellog.tokens.create({ userId, name: operationId });
      tokens[operationId] = info.id;
    }
  });

  after(async () => {
    await reellog.close();
  });

  const documented = async (route: Route, request: HttpRequest): Promise<HttpAnswer> => {
    const answer = await (route.kind === 'stream' ? reellog.begun(request) : reellog.api(request));
    expectDocumented(`${API_BASE}${route.path}`, route.method.toUpperCase(), answer);
    return answer;
  };

  it('to whoever asks for the document itself are that document, token or not', async () => {
    const answer = await reellog.api({ path: '/openapi.json', token: undefined });
    expect(answer.status).to.equal(200);
    expect(answer.json).to.deep.equal(document);
  });

  it('to commands are as the document says when the state does not allow them', async () => {
    const refused = async (operationId: string, status: number, change: Partial<HttpRequest>) => {
      const route = routeOf(operationId);
      const answer = await documented(route, { ...requestTo(route), ...change });
      expect(answer.status, answer.text).to.equal(status);
      return answer;
    };
    const revision = await refused('rateMovie', 412, { headers: { 'If-Match': '"4711"' } });
    expect(revision.headers.etag).to.equal(`"${String(memberOf(revision.json, 'revision'))}"`);
    const exists = await refused('createLibrary', 409, {
      body: { libraryId: LIBRARY, name: 'Loft', kind: 'movies' },
    });
    expect(memberOf(exists.json, 'existingId')).to.equal(LIBRARY);
    await refused('recordWatch', 422, { body: { watched: { date: '2999-01-01' } } });
  });

  describe('to good requests are as the document says:', () => {
    for (const route of [...routes].sort(inOrder)) {
      it(`${route.operationId}, ${route.method.toUpperCase()} ${route.path}`, async () => {
        await reellog.caughtUp();
        const answer = await documented(
          route,
          requestTo(route, {
            tokenId: tokens[route.operationId] ?? UNKNOWN,
          }),
        );
        expect(answer.status, answer.text).to.equal('success' in route ? route.success : 200);
        // A schema says little about a list with nothing in it.
        for (const [name, list] of Object.entries(answer.json ?? {})) {
          // Nothing is, while all parts of the service run.
          if (name === 'unattended') continue;
          if (Array.isArray(list) && route.method === 'get') {
            expect(list, answer.text).not.to.have.length(0);
          }
        }
        const location = answer.headers.location;
        if (location !== undefined) expect(location).to.include(textOf(answer.json, 'id'));
      });
    }
  });

  describe('to bad requests are as the document says:', () => {
    for (const route of routes) {
      it(route.operationId, async () => {
        const request = requestTo(route, { tokenId: UNKNOWN });
        const refused = async (status: number, change: Partial<HttpRequest>): Promise<void> => {
          const answer = await documented(route, { ...request, ...change });
          expect(answer.status, answer.text).to.equal(status);
          expect(memberOf(answer.json, 'instance')).to.equal(
            `${API_BASE}${change.path ?? request.path}`,
          );
        };
        await refused(401, { token: undefined });
        await refused(403, { token: route.method === 'get' ? writeOnly : readOnly });
        const more = request.path.includes('?') ? '&' : '?';
        await refused(400, { path: `${request.path}${more}colour=sepia` });
        const nothing = Object.fromEntries(
          [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, unknownOf(name)]),
        );
        // A person's watches of a film are none, whatever the film.
        if (route.path.includes('{') && route.operationId !== 'listMovieWatches') {
          await refused(404, { path: addressOf(route, nothing) });
        }
        if (route.method === 'get') return;
        if (takesImage(route)) {
          await refused(415, { raw: '{"colour":' });
          await refused(413, { raw: Buffer.alloc(10_000_001) });
          return;
        }
        await refused(400, { raw: '{"colour":' });
        await refused(413, { raw: JSON.stringify('x'.repeat(300_000)) });
        if (takesBody(route)) await refused(415, { headers: { 'Content-Type': 'text/plain' } });
      });
    }
  });
});
