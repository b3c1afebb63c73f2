import { expect } from 'chai';
import sharp from 'sharp';
import { createQueuedWork } from '../../../src/infra/jobs/queue/waitingWork.js';
import { eventually } from '../../support/run/eventually.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../support/providers/faultyServer.js';
import { memberOf } from '../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

describe('Pictures that a provider names', () => {
  let provider: FaultyServer;
  let service: RunningReellog;
  let poster: Buffer;

  before(async () => {
    poster = await sharp({
      create: { width: 78, height: 117, channels: 3, background: '#806020' },
    })
      .png()
      .toBuffer();
    provider = await startFaultyServer((url, _, response) => {
      if (url.pathname === '/3/movie/101') {
        sendJson(response, 200, { id: 101, title: 'The Glass Harbour', poster_path: '/a.png' });
      } else if (/\/(?:a|chosen)\.png$/.test(url.pathname)) {
        response.writeHead(200, { 'content-type': 'image/png' }).end(poster);
      } else if (url.pathname.endsWith('/half.png')) {
        response.writeHead(200, { 'content-type': 'image/png' }).end(poster.subarray(0, 90));
      } else sendJson(response, 404, { status_code: 34 });
    });
    service = await startReellog({
      ...{ tmdbKey: 'a-key', tmdbUrl: `${provider.url}/3` },
      tmdbImageUrl: `${provider.url}/t/p`,
    });
  });

  after(async () => {
    await service.close();
    await provider.close();
  });

  const importing = async (film: object): Promise<string> => {
    const { json } = await service.api({ method: 'POST', path: '/movies', body: film });
    return String(memberOf(json, 'id'));
  };
  const movie = async (id: string) => (await service.api({ path: `/movies/${id}` })).json;
  const hasPoster = (id: string) => async () =>
    memberOf(await movie(id), 'artwork', 'poster') !== undefined;
  const asked = (end: string): number =>
    provider.received.filter(({ url }) => url.pathname.endsWith(end)).length;

  it('are fetched once they are known, in a size that suits', async () => {
    const id = await importing({ title: 'Glass Harbour', tmdbId: 101 });
    await eventually('the poster is there', hasPoster(id));
    expect(await movie(id)).to.deep.include({ posterPath: '/a.png', lockedFields: [] });
    expect(memberOf(await movie(id), 'artwork', 'poster')).to.include({ width: 78, height: 117 });
    expect(asked('/t/p/w780/a.png')).to.equal(1);
    const { headers } = provider.received.find(({ url }) => url.pathname.startsWith('/t/')) ?? {};
    expect(headers).not.to.have.any.keys('authorization');
    const { events } = await service.reellog.eventStore.readStream(`movie-${id}`, {
      ...{ maxCount: 100 },
    });
    const stored = events.filter(({ type }) => type === 'MovieImageStored');
    expect(stored.map(({ data }) => data.source)).to.deep.equal(['/a.png']);
  });

  it('that cannot be had are set aside at once, with the reason', async () => {
    await importing({ title: 'None', posterPath: '/none.png', tmdbId: 404, overview: '.' });
    await importing({ title: 'Half', posterPath: '/half.png', tmdbId: 405 });
    await importing({ title: 'Inward', posterPath: 'http://169.254.169.254/a.png' });
    await importing({ title: 'Upward', posterPath: '/../../3/movie/101' });
    const work = createQueuedWork(service.reellog.database);
    const failed = async () =>
      (await work.list({ failed: true, limit: 10 })).filter(({ what }) =>
        what.startsWith('store-image'),
      );
    await eventually('four were set aside', async () => (await failed()).length === 4);
    const errors = (await failed()).map(({ error, attempts }) => `${attempts}: ${error ?? ''}`);
    expect(errors.sort().join('\n')).to.match(
      /^1: \/\.\.\/.+not a picture of TMDb's.*\n1: \/none\.png: .+404\n1: The picture is damaged.+\n1: http:\/\/169.+not a picture/,
    );
    expect(asked('/none.png')).to.equal(1);
  });

  it('are fetched later where the provider is away', async () => {
    provider.next({ status: 503 }, { status: 503 }, { status: 503 });
    const id = await importing({
      ...{ title: 'Third', overview: '.', runtimeMinutes: 90, releaseDate: '2001-01-01' },
      ...{ directors: ['Ana Sol'], posterPath: '/chosen.png' },
    });
    await eventually('the poster is there', hasPoster(id));
    expect(asked('/chosen.png')).to.equal(4);
  });
});
