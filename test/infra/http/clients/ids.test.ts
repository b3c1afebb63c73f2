import { expect } from 'chai';
import {
  memberOf,
  textOf,
  type HttpAnswer,
  type HttpRequest,
} from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

const FILM = 'abcdef00-0000-4000-8000-00000000000a';
const WATCH = 'abcdef00-0000-4000-8000-00000000000b';
const LIBRARY = 'abcdef00-0000-4000-8000-00000000000c';
const PERSON = 'abcdef00-0000-4000-8000-00000000000d';
const COLLECTION = 'abcdef00-0000-4000-8000-00000000000e';

describe('Ids in capitals', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
  });

  after(async () => {
    await reellog.close();
  });

  const sent = async (method: string, path: string, body?: object): Promise<HttpAnswer> => {
    const request: HttpRequest = { method, path, ...(body ? { body } : {}) };
    const answer = await reellog.api(request);
    expect(answer.status, `${method} ${path}: ${answer.text}`).to.be.lessThan(300);
    return answer;
  };
  const big = (id: string): string => id.toUpperCase();

  it('are the same ids in paths, bodies and query strings, and are answered in lower case', async () => {
    const library = { libraryId: big(LIBRARY), name: 'Attic', kind: 'movies' };
    expect(memberOf((await sent('POST', '/libraries', library)).json, 'id')).to.equal(LIBRARY);
    const film = {
      ...{ movieId: big(FILM), title: 'The General', libraryId: big(LIBRARY) },
      collectionId: big(COLLECTION),
    };
    const imported = await sent('POST', '/movies', film);
    expect(memberOf(imported.json, 'id')).to.equal(FILM);
    expect(imported.headers.location).to.equal(`/api/v1/movies/${FILM}`);

    const played = { playId: big(WATCH), watched: { date: '2026-02-06' } };
    const recorded = await sent('POST', `/movies/${big(FILM)}/watches`, played);
    expect(memberOf(recorded.json, 'id')).to.equal(WATCH);
    expect(recorded.headers.location).to.equal(`/api/v1/movies/${FILM}/watches/${WATCH}`);
    const again = { playId: WATCH, watched: { date: '2026-02-06' } };
    expect((await sent('POST', `/movies/${FILM}/watches`, again)).status).to.equal(200);
    await sent('PATCH', `/movies/${FILM}/watches/${big(WATCH)}`, { note: 'Live orchestra' });
    await sent('PATCH', `/movies/${FILM}`, { collectionId: big(PERSON) });
    await sent('PUT', `/libraries/${big(LIBRARY)}/name`, { name: 'Cellar' });

    await reellog.caughtUp();
    const read = await sent('GET', `/movies/${big(FILM)}`);
    expect(memberOf(read.json, 'id')).to.equal(FILM);
    expect(memberOf(read.json, 'libraryId')).to.equal(LIBRARY);
    const state = await sent('GET', `/movies/${big(FILM)}/state`);
    expect(memberOf(state.json, 'plays')).to.equal(1);
    const found = await sent('GET', `/movies?libraryId=${big(LIBRARY)}`);
    expect(memberOf(found.json, 'movies', 0, 'id')).to.equal(FILM);
    const history = await sent('GET', `/me/history?movieId=${big(FILM)}`);
    expect(memberOf(history.json, 'watches', 0, 'id')).to.equal(WATCH);
    expect(memberOf(history.json, 'watches', 0, 'note')).to.equal('Live orchestra');
  });

  it('name accounts and tokens', async () => {
    await sent('POST', '/accounts', { userId: big(PERSON), displayName: 'Marion' });
    const token = await sent('POST', '/me/tokens', { name: 'Phone', userId: big(PERSON) });
    await reellog.caughtUp();
    const signedIn = await reellog.api({ path: '/me', token: textOf(token.json, 'token') });
    expect(memberOf(signedIn.json, 'id')).to.equal(PERSON);
    const { json } = await sent('POST', '/me/tokens', { name: 'Script' });
    await sent('DELETE', `/me/tokens/${big(textOf(json, 'id'))}`);
  });

  it('are told apart from others by a request that is sent again under its key', async () => {
    const path = `/movies/${FILM}/watches`;
    const headers = { 'Idempotency-Key': 'Once' };
    const body = { playId: big(COLLECTION), watched: { date: '2026-02-07' } };
    const first = await reellog.api({ method: 'POST', path, body, headers });
    const other = { ...body, playId: COLLECTION };
    const again = await reellog.api({ method: 'POST', path, body: other, headers });
    expect([first.status, again.status]).to.deep.equal([201, 201]);
    expect(again.json).to.deep.equal(first.json);
  });

  it('are nowhere in the log', async () => {
    const { events } = await reellog.reellog.eventStore.readAll({ after: 0n });
    const written = JSON.stringify(events.map(({ stream, data }) => [stream, data]));
    expect(written).to.include(FILM).and.to.include(COLLECTION);
    expect(written).not.to.match(/ABCDEF00/);
  });

  it('are refused clearly in any other form', async () => {
    for (const id of [`{${FILM}}`, `urn:uuid:${FILM}`, FILM.replaceAll('-', ''), `${FILM}0`]) {
      const inPath = await reellog.api({ path: `/movies/${encodeURIComponent(id)}` });
      const inBody = await reellog.api({
        ...{ method: 'POST', path: '/movies', body: { movieId: id, title: 'Ikiru' } },
      });
      for (const { status, json } of [inPath, inBody]) {
        expect(status, id).to.equal(400);
        expect(memberOf(json, 'errors', 0, 'field')).to.equal('movieId');
        expect(memberOf(json, 'errors', 0, 'message')).to.match(
          /^must be a UUID such as [0-9a-f-]{36}$/,
        );
      }
    }
  });
});
