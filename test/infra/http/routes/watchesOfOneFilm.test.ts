import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { memberOf, textOf } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, OTHER_FILM, prepare } from '../requests.js';

const watchesOf = (film: string): string => `/movies/${film}/watches`;

describe('One person and one film, over HTTP', () => {
  let service: RunningReellog;
  let token: string;

  before(async () => {
    service = await startReellog();
    await prepare(service);
  });
  after(() => service.close());
  beforeEach(async () => {
    ({ token } = await service.register('Ada'));
  });

  const send = (method: string, path: string, body?: object) =>
    service.api({ method, path, token, ...(body === undefined ? {} : { body }) });
  const ok = async (method: string, path: string, body?: object) => {
    const answer = await send(method, path, body);
    expect(answer.status, answer.text).to.be.below(300);
    return answer;
  };
  const record = async (body: object, film = FILM): Promise<string> =>
    textOf((await ok('POST', watchesOf(film), body)).json, 'id');
  /** Refused because `id` is there already, with nothing recorded. */
  const refused = async (id: string, method: string, path: string, body?: object) => {
    const head = await service.head();
    const answer = await send(method, path, body);
    expect(answer.status, answer.text).to.equal(409);
    expect(memberOf(answer.json, 'existingId'), answer.text).to.equal(id);
    expect(await service.head()).to.equal(head);
    return memberOf(answer.json, 'type');
  };
  const get = async (path: string) => (await ok('GET', path)).json;
  const state = async () => {
    await service.caughtUp();
    return get(`/movies/${FILM}/state`);
  };
  const plays = async () => ({
    state: memberOf(await state(), 'plays'),
    stats: memberOf(await get('/me/stats'), 'moviePlays'),
  });

  it('records a double click once', async () => {
    for (const body of [{ watched: 'now' }, { justWatched: true }]) {
      const [one, two] = await Promise.all([
        send('POST', watchesOf(FILM), body),
        send('POST', watchesOf(FILM), body),
      ]);
      expect([one.status, two.status]).to.have.members([201, 409]);
      const [created, twice] = one.status === 201 ? [one, two] : [two, one];
      const id = textOf(created.json, 'id');
      expect(memberOf(twice.json, 'existingId')).to.equal(id);
      await ok('POST', watchesOf(FILM), { ...body, force: true });
      ({ token } = await service.register('Ada'));
    }
  });

  it('records a day once, however it is told', async () => {
    const id = await record({ watched: { date: '2026-02-01' } });
    await refused(id, 'POST', watchesOf(FILM), { watched: { date: '2026-02-01' } });
    await refused(id, 'POST', '/me/watches', { tmdbId: 961, watched: { date: '2026-02-01' } });
    const other = await record({ watched: { date: '2026-02-02' } });
    const path = `${watchesOf(FILM)}/${other}`;
    await refused(id, 'PATCH', path, { watched: { date: '2026-02-01' } });
    await ok('PATCH', path, { watched: { date: '2026-02-01' }, force: true });
    expect(await plays()).to.deep.equal({ state: 2, stats: 2 });
  });

  it('moves and restores no watch onto another', async () => {
    const at = '2026-02-01T20:00:00Z';
    const first = await record({ watched: { at } });
    await ok('DELETE', `${watchesOf(FILM)}/${first}`);
    const second = await record({ watched: { at } });
    await refused(second, 'POST', `${watchesOf(FILM)}/${first}/restore`);
    await ok('POST', `${watchesOf(FILM)}/${first}/restore`, { force: true });
    await ok('PATCH', `${watchesOf(FILM)}/${first}`, { watched: { at: '2026-02-01T10:00:00Z' } });
    await refused(second, 'PATCH', `${watchesOf(FILM)}/${first}`, {
      watched: { at: '2026-02-01T21:00:00+01:00' },
    });
  });

  it('takes a playId for one watch of one film', async () => {
    const playId = randomUUID();
    const body = { playId, watched: { at: '2026-02-01T20:00:00Z' } };
    await record(body);
    expect((await send('POST', watchesOf(FILM), body)).status).to.equal(200);
    const type = await refused(playId, 'POST', watchesOf(OTHER_FILM), body);
    expect(type).to.equal('/problems/watch-exists');
    await refused(playId, 'POST', '/me/watches', { ...body, tmdbId: 18148 });
    await refused(playId, 'POST', '/me/watches', { ...body, imdbId: 'tt9999001' });
    await ok('DELETE', `${watchesOf(FILM)}/${playId}`);
    expect(await refused(playId, 'POST', watchesOf(FILM), body)).to.equal(
      '/problems/watch-removed',
    );
    await refused(playId, 'POST', watchesOf(OTHER_FILM), body);
    // Each person has ids of their own.
    ({ token } = await service.register('Bob'));
    await record(body, OTHER_FILM);
  });

  it('leaves a playId free when nothing was recorded under it', async () => {
    const playId = randomUUID();
    const nowhere = await send('POST', watchesOf(randomUUID()), { playId });
    expect(nowhere.status).to.equal(404);
    expect(await record({ playId })).to.equal(playId);
  });

  it('parts a report that was linked, without changing its time', async () => {
    await record({ watched: { at: '2026-02-01T20:00:00Z' } });
    const report = await record({ watched: { at: '2026-02-01T20:05:00Z' }, source: 'webhook' });
    expect(await plays()).to.deep.equal({ state: 1, stats: 1 });
    await ok('PATCH', `${watchesOf(FILM)}/${report}`, { duplicateOf: null });
    expect(await plays()).to.deep.equal({ state: 2, stats: 2 });
    await ok('PATCH', `${watchesOf(FILM)}/${report}`, { note: 'Twice in a row' });
    expect(await plays()).to.deep.equal({ state: 2, stats: 2 });
  });

  it('loses no evening when the watch that a report was linked to moves', async () => {
    const manual = await record({ watched: { at: '2026-02-01T20:00:00Z' } });
    const report = await record({ watched: { at: '2026-02-01T20:05:00Z' }, source: 'webhook' });
    await ok('PATCH', `${watchesOf(FILM)}/${manual}`, { watched: { date: '2026-01-10' } });
    await ok('PATCH', `${watchesOf(FILM)}/${report}`, {
      watched: { at: '2026-02-01T20:05:00Z' },
      note: 'It was then',
    });
    expect(await plays()).to.deep.equal({ state: 2, stats: 2 });
    const days = memberOf(await get('/me/streaks'), 'longestEnd');
    expect(days).to.equal('2026-02-01');
  });

  it('brings back the wish when the watch that took it off the list is undone', async () => {
    await ok('PATCH', '/me', { preferences: { removeWatchedFromWatchlist: true } });
    await ok('PUT', `/movies/${FILM}/watchlist`);
    const first = await record({ watched: { date: '2026-02-01' } });
    const second = await record({ watched: { at: '2026-02-02T20:00:00Z' }, source: 'webhook' });
    const double = await record({ watched: { at: '2026-02-02T20:05:00Z' }, source: 'playback' });
    expect(await state()).to.include({ state: 'watched', inWatchlist: false, plays: 2 });
    for (const id of [first, second]) await ok('DELETE', `${watchesOf(FILM)}/${id}`);
    expect(await state()).to.include({ state: 'watched', inWatchlist: false, plays: 1 });
    await ok('DELETE', `${watchesOf(FILM)}/${double}`);
    expect(await state()).to.include({ state: 'want_to_watch', inWatchlist: true, plays: 0 });
  });

  it('resumes a dropped film with a watch, unless that says otherwise', async () => {
    const drop = () => ok('PUT', `/movies/${FILM}/watch-state`, { state: 'dropped' });
    await drop();
    await record({ watched: 'now', keepState: true });
    await record({ watched: { date: '2026-02-01' } });
    await record({ watched: { at: '2026-01-01T20:00:00Z' }, source: 'import' });
    expect(await state()).to.include({ state: 'dropped', plays: 3 });
    const resuming = await record({ watched: 'now', force: true });
    expect(await state()).to.include({ state: 'watched', plays: 4 });
    await ok('DELETE', `${watchesOf(FILM)}/${resuming}`);
    expect(await state()).to.include({ state: 'dropped', plays: 3 });
  });
});
