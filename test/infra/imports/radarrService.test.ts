import { expect } from 'chai';
import { movieIdOf } from '../../../src/domain/streams.js';
import { movieStream } from '../../../src/domain/streams.js';
import { startRadarrDouble, type RadarrDouble } from '../../support/providers/radarrDouble.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../support/providers/faultyServer.js';
import { eventually } from '../../support/run/eventually.js';
import { memberOf } from '../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

const SECRET = 'a secret of sixteen'.replaceAll(' ', '-');

/** A film of Radarr's library, with as much as it takes. */
const kept = (tmdbId: number, fileId?: number, more: object = {}) => ({
  ...{ id: tmdbId, tmdbId, title: `Film ${tmdbId}`, year: 1995, overview: 'In the library.' },
  ...{ path: `C:\\Movies\\Film ${tmdbId}`, hasFile: fileId !== undefined },
  ...(fileId === undefined
    ? {}
    : { movieFile: { id: fileId, relativePath: `${fileId}.mkv`, size: 1_000 + fileId } }),
  ...more,
});

describe('A service that knows a Radarr', () => {
  let radarr: RadarrDouble;
  let tmdb: FaultyServer;
  let service: RunningReellog;

  before(async () => {
    radarr = await startRadarrDouble();
    tmdb = await startFaultyServer((url, _, response) => {
      const [, id = ''] = /^\/3\/movie\/(\d+)$/.exec(url.pathname) ?? [];
      if (id === '') sendJson(response, 200, { results: [] });
      else {
        sendJson(response, 200, {
          ...{ id: Number(id), title: `TMDb's ${id}`, overview: "TMDb's.", runtime: 100 },
          credits: { crew: [{ job: 'Director', name: 'Ana Sol' }] },
        });
      }
    });
    service = await startReellog({
      ...{ radarrUrl: radarr.url, radarrKey: radarr.key, radarrWebhookSecret: SECRET },
      ...{ tmdbKey: 'a-key', tmdbUrl: `${tmdb.url}/3`, signInLimit: 20 },
    });
  });
  after(async () => {
    await service.close();
    await radarr.close();
    await tmdb.close();
  });
  beforeEach(() => {
    radarr.always(undefined);
    tmdb.always(undefined);
  });

  const film = async (tmdbId: number, token = service.owner.token) => {
    await service.caughtUp();
    return service.api({ path: `/movies/${movieIdOf('tmdb', tmdbId)}`, token });
  };
  const fileOf = async (tmdbId: number): Promise<unknown> =>
    memberOf((await film(tmdbId)).json, 'file');
  const eventsOf = async (tmdbId: number): Promise<readonly string[]> => {
    const stream = movieStream(movieIdOf('tmdb', tmdbId));
    const { events } = await service.reellog.eventStore.readStream(stream, { maxCount: 100 });
    return events.map(({ type }) => type);
  };

  /** Imports, and waits until that has ended. */
  const importing = async (body: object = {}): Promise<unknown> => {
    const asked = await service.api({ method: 'POST', path: '/imports/radarr', body });
    expect(asked.status, asked.text).to.equal(202);
    const { location = '' } = asked.headers;
    let ended: unknown;
    await eventually('the import has ended', async () => {
      ended = (await service.api({ path: location.replace('/api/v1', '') })).json;
      return memberOf(ended, 'endedAt') !== undefined;
    });
    return ended;
  };

  describe('imports its library', () => {
    it('with files, and says what it did', async () => {
      radarr.library = [kept(1, 11), kept(2), { id: 3, title: 'Untold', tmdbId: 0 }];
      const ended = await importing();
      expect(ended).to.deep.include({ source: 'radarr', state: 'done' });
      expect(memberOf(ended, 'summary')).to.deep.include({
        ...{ inLibrary: 2, unreadableCount: 1, doubtful: 0 },
        films: { added: 2, alreadyThere: 0, refused: 0 },
        files: { added: 1, alreadyThere: 0, refused: 0 },
        detached: { added: 0, alreadyThere: 0, refused: 0 },
      });
      expect(await fileOf(1)).to.deep.equal({
        ...{ container: 'mkv', sizeBytes: 1_011, path: 'C:\\Movies\\Film 1\\11.mkv' },
      });
      expect((await film(2)).json)
        .to.include({ title: 'Film 2' })
        .and.not.have.property('file');
    });

    it('and tells nobody but owners and admins where files are', async () => {
      const { json } = await film(1, service.member.token);
      expect(memberOf(json, 'file')).to.deep.equal({ container: 'mkv', sizeBytes: 1_011 });
      const list = await service.api({ path: '/movies', token: service.member.token });
      expect(list.text).to.include('"container":"mkv"').and.not.include('Movies');
    });

    it('again, and changes what has changed alone', async () => {
      await eventually('what is looked up is there', async () => {
        const films = await Promise.all([1, 2].map((id) => film(id)));
        return films.every(({ json }) => memberOf(json, 'directors') !== undefined);
      });
      const before = await service.head();
      await importing();
      expect(await service.head()).to.equal(before);
      radarr.library = [kept(1, 12), kept(2, 13)];
      await importing();
      expect(await fileOf(1)).to.include({ sizeBytes: 1_012 });
      expect(await fileOf(2)).to.include({ sizeBytes: 1_013 });
    });

    it('and keeps films that have left it, without their files', async () => {
      await service.api({
        ...{ method: 'POST', path: `/movies/${movieIdOf('tmdb', 2)}/watches`, body: {} },
      });
      radarr.library = [kept(1)];
      const ended = await importing();
      expect(memberOf(ended, 'summary', 'detached', 'added')).to.equal(2);
      expect((await film(1)).json).to.not.have.property('file');
      expect((await film(2)).json)
        .to.include({ title: 'Film 2' })
        .and.not.have.property('file');
      const history = await service.api({ path: '/me/history' });
      expect(history.text).to.include('Film 2');
    });

    it('but not from an answer that is cut short: it waits for a whole one', async () => {
      radarr.library = [kept(1, 14)];
      await importing();
      radarr.always('cut');
      const asked = await service.api({ method: 'POST', path: '/imports/radarr', body: {} });
      const path = String(asked.headers.location).replace('/api/v1', '');
      const state = async () => (await service.api({ path })).json;
      await eventually('it failed for now', async () => Boolean(memberOf(await state(), 'error')));
      expect(await state()).to.include({ state: 'waiting' });
      expect(await fileOf(1)).to.include({ sizeBytes: 1_014 });
      // Asked for again, it is tried at once.
      radarr.always(undefined);
      expect(await importing()).to.include({ id: memberOf(asked.json, 'id'), state: 'done' });
    });

    it('and gives up where the key is refused', async () => {
      radarr.always({ status: 401 });
      const ended = await importing();
      expect(ended).to.include({ state: 'failed' });
      expect(memberOf(ended, 'error')).to.be.a('string').that.includes('401');
    });
  });

  describe('looks films up', () => {
    const importFilm = (tmdbId: number) =>
      service.api({ method: 'POST', path: '/movies', body: { title: `Film ${tmdbId}`, tmdbId } });
    const enriched = (tmdbId: number) =>
      eventually('the film is enriched', async () =>
        (await film(tmdbId)).text.includes('"overview"'),
      );

    it('there first, and at TMDb what it does not know', async () => {
      radarr.library = [kept(21)];
      await importFilm(21);
      await enriched(21);
      expect((await film(21)).json).to.deep.include({
        ...{ title: 'Film 21', overview: 'In the library.', runtimeMinutes: 100 },
        directors: ['Ana Sol'],
      });
      expect(await eventsOf(21)).to.deep.equal(['MovieImported', 'MovieMetadataRefreshed']);
    });

    it('at one of them while the other is away', async () => {
      radarr.library = [kept(22)];
      tmdb.always({ status: 404 });
      await importFilm(22);
      await enriched(22);
      tmdb.always(undefined);
      radarr.always({ status: 500 });
      await importFilm(23);
      await enriched(23);
      expect((await film(22)).json).to.include({ overview: 'In the library.' });
      expect((await film(23)).json).to.include({ overview: "TMDb's." });
    });
  });

  describe('listens to its webhook', () => {
    // What it says of films is not looked up here.
    beforeEach(() => {
      tmdb.always({ status: 404 });
    });
    const told = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
      service.send({
        ...{ method: 'POST', path: '/api/v1/webhooks/radarr', body },
        headers: { 'X-Reellog-Secret': SECRET, ...headers },
      });
    const movie = (tmdbId: number) => ({
      ...{ id: tmdbId, tmdbId, title: `Film ${tmdbId}`, year: 1995 },
      folderPath: `/films/Film ${tmdbId}`,
    });
    const download = (tmdbId: number, id: number) => ({
      ...{ eventType: 'Download', movie: movie(tmdbId) },
      movieFile: { id, relativePath: `${id}.mkv`, path: `/downloads/${id}.mkv`, size: id },
    });
    const fileDelete = (tmdbId: number, id: number, deleteReason: string) => ({
      ...{ eventType: 'MovieFileDelete', movie: movie(tmdbId), movieFile: { id }, deleteReason },
    });
    const taken = async (body: unknown) => {
      const answer = await told(body);
      expect(answer.status, answer.text).to.equal(204);
    };

    it('with the secret alone', async () => {
      const body = { eventType: 'Test' };
      const basic = (password: string) => ({
        authorization: `Basic ${Buffer.from(`radarr:${password}`).toString('base64')}`,
      });
      const send = (headers: Readonly<Record<string, string>>, path = '') =>
        service.send({
          ...{ method: 'POST', path: `/api/v1/webhooks/radarr${path}`, body, headers },
        });
      expect((await send({ 'X-Reellog-Secret': SECRET })).status).to.equal(204);
      expect((await send(basic(SECRET))).status).to.equal(204);
      for (const headers of [
        {},
        { 'X-Reellog-Secret': '' },
        { 'X-Reellog-Secret': `${SECRET}!` },
        basic('wrong'),
        { authorization: `Bearer ${service.owner.token}` },
      ]) {
        const { status, headers: answered } = await send(headers);
        expect(status, JSON.stringify(headers)).to.equal(401);
        expect(answered['www-authenticate']).to.include('Basic');
      }
      expect((await send({}, `?secret=${SECRET}`)).status).to.equal(401);
      const read = await service.send({ path: '/api/v1/webhooks/radarr' });
      expect(read.status).to.equal(405);
    });

    it('and does what it says, once', async () => {
      await taken({ eventType: 'MovieAdded', movie: movie(31) });
      expect((await film(31)).json).to.include({ title: 'Film 31', year: 1995 });
      await taken(download(31, 8));
      await taken(download(31, 8));
      expect(await fileOf(31)).to.deep.include({ path: '/films/Film 31/8.mkv', sizeBytes: 8 });
      await taken(fileDelete(31, 8, 'upgrade'));
      await taken(download(31, 29));
      // Told late, it is of a file that is there no longer.
      await taken(fileDelete(31, 8, 'manual'));
      await taken(download(31, 8));
      expect(await fileOf(31)).to.deep.include({ path: '/films/Film 31/29.mkv' });
      const renamedMovieFiles = [{ id: 29, relativePath: 'new.mkv', size: 29 }];
      await taken({ eventType: 'Rename', movie: movie(31), renamedMovieFiles });
      expect(await fileOf(31)).to.deep.include({ path: '/films/Film 31/new.mkv' });
      await taken(fileDelete(31, 29, 'missingFromDisk'));
      await taken(fileDelete(31, 29, 'missingFromDisk'));
      const events = await eventsOf(31);
      expect(events.filter((type) => type.startsWith('MovieFile'))).to.deep.equal([
        ...['MovieFileAttached', 'MovieFileAttached', 'MovieFileAttached'],
        'MovieFileDetached',
      ]);
    });

    it('imports a film whose file it tells of first, and keeps one whose file it deletes', async () => {
      await taken(download(32, 9));
      expect(await fileOf(32)).to.include({ sizeBytes: 9 });
      await taken({ eventType: 'MovieDelete', movie: movie(32), deletedFiles: true });
      expect((await film(32)).json)
        .to.include({ title: 'Film 32' })
        .and.not.have.property('file');
    });

    it('and leaves films alone that were removed, or that it knows nothing of', async () => {
      await service.api({ method: 'DELETE', path: `/movies/${movieIdOf('tmdb', 32)}` });
      const before = await service.head();
      await taken(download(32, 10));
      await taken(fileDelete(999, 1, 'manual'));
      for (const eventType of ['Test', 'Grab', 'Health', 'SomethingNew']) {
        await taken({ eventType, movie: { ...movie(1), tmdbId: 0 } });
      }
      expect(await service.head()).to.equal(before);
    });

    it('and says what is wrong with one that it cannot read', async () => {
      const bad = await told({ ...download(33, 1), movie: { title: 'Film 33' } });
      expect(bad.status, bad.text).to.equal(400);
      expect(memberOf(bad.json, 'errors', 0, 'field')).to.equal('movie.tmdbId');
      const { status } = await told(undefined);
      expect(status).to.equal(400);
    });
  });
});

describe('A service that knows no Radarr', () => {
  let service: RunningReellog;

  before(async () => {
    service = await startReellog();
  });
  after(() => service.close());

  it('has no webhook, and imports nothing', async () => {
    const headers = { 'X-Reellog-Secret': SECRET };
    const body = { eventType: 'Test' };
    const path = '/api/v1/webhooks/radarr';
    expect((await service.send({ method: 'POST', path, body, headers })).status).to.equal(404);
    const asked = await service.api({ method: 'POST', path: '/imports/radarr', body: {} });
    expect(asked.status).to.equal(409);
    expect(asked.text).to.include('RADARR_URL');
    expect((await service.api({ path: '/imports' })).json).to.deep.equal({ imports: [] });
    expect((await service.api({ path: '/imports/7' })).status).to.equal(404);
  });
});
