import { expect } from 'chai';
import sharp from 'sharp';
import { memberOf } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

const BROWSER = 'image/avif,image/webp,image/apng,*/*;q=0.8';

/** A picture of one colour, with the place where it was taken. */
const picture = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 400, height: 600, channels: 3, background } })
    .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
    .jpeg()
    .toBuffer();

describe('Pictures over HTTP', () => {
  let service: RunningReellog;
  let film: string;

  before(async () => {
    service = await startReellog();
    const made = await service.api({
      ...{ method: 'POST', path: '/movies' },
      body: { title: 'Stalker', posterPath: '/zone.jpg', backdropPath: '/room.jpg' },
    });
    film = `/movies/${String(memberOf(made.json, 'id'))}`;
  });

  after(async () => {
    await service.close();
  });

  const put = async (kind: string, raw: Buffer) => {
    const answer = await service.api({ method: 'PUT', path: `${film}/images/${kind}`, raw });
    return { ...answer, after: { 'Reellog-After': String(answer.headers['reellog-position']) } };
  };
  const get = (url: unknown, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${service.url}${String(url)}`, { method, headers });

  it('are a film’s as soon as they were sent, and their paths are locked', async () => {
    const blue = await picture('#205080');
    const { status, text, after } = await put('poster', blue);
    expect(status, text).to.equal(200);
    const { json } = await service.api({ path: film, headers: after });
    expect(memberOf(json, 'artwork', 'poster')).to.include({ width: 400, height: 600 });
    expect(memberOf(json, 'posterBlurhash'))
      .to.be.a('string')
      .that.equals(memberOf(json, 'artwork', 'poster', 'blurhash'));
    expect(json).to.deep.include({ lockedFields: ['posterPath'], backdropPath: '/room.jpg' });
    expect(json).not.to.have.any.keys('posterPath', 'backdropBlurhash');
    const listed = await service.api({ path: '/movies?q=stalker', headers: after });
    expect(memberOf(listed.json, 'movies', 0, 'artwork')).to.deep.equal(memberOf(json, 'artwork'));
    // Sent again they change nothing.
    expect(memberOf((await put('poster', blue)).json, 'changed')).to.equal(false);
  });

  it('are sent to anybody who has their address, to be kept for ever', async () => {
    const { after } = await put('poster', await picture('#902010'));
    const url = memberOf(
      (await service.api({ path: film, headers: after })).json,
      ...['artwork', 'poster', 'url'],
    );
    const whole = await get(url);
    expect(whole.status).to.equal(200);
    expect(Object.fromEntries(whole.headers)).to.include({
      'content-type': 'image/jpeg',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    });
    expect(whole.headers.get('vary')).to.match(/\baccept\b/i);
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(bytes).to.have.length(Number(whole.headers.get('content-length')));
    expect(await sharp(bytes).metadata()).not.to.have.any.keys('exif', 'xmp', 'iptc');

    const small = await get(`${String(url)}?width=160`, { accept: BROWSER });
    expect(small.headers.get('content-type')).to.equal('image/avif');
    const { width } = await sharp(Buffer.from(await small.arrayBuffer())).metadata();
    expect(width).to.equal(160);
    const etag = small.headers.get('etag') ?? '';
    expect(etag)
      .to.match(/^"[^"]+"$/)
      .and.not.equal(whole.headers.get('etag'));

    const again = await service.send({
      path: `${String(url)}?width=160`,
      headers: { accept: BROWSER, 'if-none-match': etag },
    });
    expect([again.status, again.text, again.headers.etag]).to.deep.equal([304, '', etag]);
    const head = await get(url, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).to.deep.equal([
      200,
      String(bytes.length),
    ]);
    expect(await head.text()).to.equal('');
  });

  it('that are not there, or asked for in another way, are refused', async () => {
    for (const [path, status, method] of [
      [`/api/v1/images/${'0'.repeat(64)}`, 404, 'GET'],
      [`/api/v1/images/${'0'.repeat(63)}`, 400, 'GET'],
      ['/api/v1/images/..%2f..%2fetc%2fpasswd', 400, 'GET'],
      [`/api/v1/images/${'0'.repeat(64)}?width=161`, 400, 'GET'],
      [`/api/v1/images/${'0'.repeat(64)}?height=160`, 400, 'GET'],
      [`/api/v1/images/${'0'.repeat(64)}`, 405, 'DELETE'],
    ] as const) {
      const answer = await get(path, {}, method);
      expect(answer.status, path).to.equal(status);
      expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
      expect(answer.headers.get('cache-control'), path).not.to.match(/immutable/);
    }
  });

  it('are taken away, and stay so', async () => {
    const gone = await service.api({ method: 'DELETE', path: `${film}/images/poster` });
    expect(gone.status, gone.text).to.equal(204);
    const { json } = await service.api({
      path: film,
      headers: { 'Reellog-After': String(gone.headers['reellog-position']) },
    });
    expect(json).to.deep.include({ artwork: {}, lockedFields: ['posterPath'] });
    expect(json).not.to.have.property('posterBlurhash');
  });
});
