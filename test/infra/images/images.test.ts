import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode, isBlurhashValid } from 'blurhash';
import { expect } from 'chai';
import sharp from 'sharp';
import { ImageRefused, type ImageFault } from '../../../src/commands/ports/images.js';
import { blurhashOf } from '../../../src/domain/images/blurhash.js';
import type { StoredImage } from '../../../src/domain/images/storedImage.js';
import { createImages, type Images } from '../../../src/infra/images/images.js';
import { needs } from '../../support/run/datasets.js';
import { testLogger } from '../../support/run/logger.js';
import { hasSharedImages, sharedImage, sharedImages } from '../../support/run/sharedImages.js';

const { signal } = new AbortController();

/** The picture that comes of each, or why none does. */
const expected: Readonly<Record<string, readonly [number, number] | ImageFault>> = {
  'good/pillow-avif-hopper.avif': [128, 128],
  'good/pillow-exif_gps.jpg': [8, 8],
  'good/pillow-hopper.jpg': [128, 128],
  'good/pillow-hopper.png': [128, 128],
  'good/pillow-hopper.webp': [128, 128],
  'good/pillow-hopper_orientation_6.jpg': [128, 128],
  'good/pillow-hopper_orientation_6.webp': [128, 128],
  'good/pillow-pil_sample_cmyk.jpg': [100, 100],
  'good/sharp-16-bit-grey-alpha.png': [109, 96],
  'good/sharp-2569067123_aca715a2ee_o.jpg': [1920, 1568],
  'good/sharp-2x2_fdcce6.png': [2, 2],
  'good/sharp-320x240.jpg': [320, 240],
  'good/sharp-4.webp': [1024, 772],
  'good/sharp-5_webp_a.webp': [300, 300],
  'good/sharp-Channel_digital_image_CMYK_color_no_profile.jpg': [500, 333],
  // Turned as their EXIF says.
  'good/sharp-Landscape_1.jpg': [600, 450],
  'good/sharp-Landscape_3.jpg': [600, 450],
  'good/sharp-Landscape_6.jpg': [600, 450],
  'good/sharp-Landscape_8.jpg': [600, 450],
  'good/sharp-Portrait_1.jpg': [450, 600],
  'good/sharp-Portrait_6.jpg': [450, 600],
  // The first frame.
  'good/sharp-animated-loop-3.gif': [370, 285],
  'good/sharp-animated-loop-3.webp': [370, 285],
  'good/sharp-centered_image.jpeg': [75, 105],
  'good/sharp-check.svg': 'unsupported',
  'good/sharp-concert.jpg': [400, 267],
  'good/sharp-full-transparent.png': [300, 300],
  'good/sharp-grey-8bit-alpha.png': [400, 300],
  'good/sharp-p3.png': [8, 8],
  'good/sharp-pitm.avif': [1920, 375],
  'good/sharp-prophoto.png': [1, 1],
  'good/sharp-tbgn2c16.png': [32, 32],
  'good/sharp-with-alpha.png': [256, 192],
  'broken/pillow-apng-syntax_num_frames_zero.png': 'damaged',
  'broken/pillow-broken.png': 'damaged',
  'broken/pillow-broken_data_stream.png': 'damaged',
  'broken/pillow-hopper_bad_exif.jpg': 'damaged',
  // What is wrong with these three is in their metadata.
  'broken/pillow-icc-after-SOF.jpg': [10, 10],
  'broken/pillow-invalid-exif.jpg': [200, 200],
  'broken/pillow-multiple_exif.jpg': [1, 1],
  'broken/pillow-seek_too_large.tif': 'unsupported',
  'broken/pillow-truncated_app14.jpg': 'damaged',
  'broken/pillow-truncated_image.png': 'damaged',
  'broken/pillow-truncated_jpeg.jpg': 'damaged',
  'broken/pillow-zero_width.gif': 'damaged',
  'broken/sharp-corrupt-header.jpg': 'damaged',
  'broken/sharp-truncated.jpg': 'damaged',
  'broken/sharp-truncated.png': 'damaged',
  'huge/pillow-decompression_bomb.gif': 'damaged',
  // It says that it is larger than its frames are.
  'huge/pillow-decompression_bomb_extents.gif': [100, 100],
  // One pixel, with metadata that unpack to very much.
  'huge/pillow-png_decompression_dos.png': [1, 1],
  'huge/sharp-65536-uint32-limit.png': 'too-many-pixels',
  'huge/sharp-big-height.webp': [13, 169],
  'huge/sharp-giant-image.jpg': 'too-many-pixels',
  'derived-broken/bitflips.jpg': 'damaged',
  'derived-broken/bomb-12000x12000-valid.png': 'too-many-pixels',
  'derived-broken/html-error-page.jpg': 'unsupported',
  'derived-broken/png-claims-60000x60000.png': 'too-many-pixels',
  'derived-broken/png-named.jpg': [342, 484],
  'derived-broken/svg-external-ref.svg': 'unsupported',
  'derived-broken/truncated-half.jpg': 'damaged',
  'derived-broken/truncated-last-2-bytes.jpg': 'damaged',
  'derived-broken/zero-byte.jpg': 'unsupported',
};

describe('Pictures that are stored', () => {
  let folder: string;
  let images: Images;

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'reellog-images-'));
    images = createImages(folder, testLogger);
    needs(this, hasSharedImages(), 'folder of pictures');
  });

  after(async () => {
    await images.close();
    await rm(folder, { recursive: true, force: true });
  });

  const store = (path: string): Promise<StoredImage> => images.store(sharedImage(path), signal);

  /** The file that is kept, as it is. */
  const kept = async ({ hash }: StoredImage): Promise<Buffer> => {
    const file = await images.find({ hash, width: undefined, accept: undefined }, signal);
    return readFile(file?.path ?? '');
  };

  it('are all of those in the table', () => {
    const there = ['good', 'broken', 'huge', 'derived-broken'].flatMap((name) =>
      sharedImages(name).map((file) => `${name}/${file}`),
    );
    expect(Object.keys(expected)).to.have.members(there);
  });

  for (const [path, outcome] of Object.entries(expected)) {
    it(`${path} ${typeof outcome === 'string' ? `is refused as ${outcome}` : `is ${outcome.join('×')}`}`, async () => {
      if (typeof outcome === 'string') {
        const error = await store(path).catch((cause: unknown) => cause);
        expect(error).to.be.instanceOf(ImageRefused).and.to.have.property('fault', outcome);
        return;
      }
      const image = await store(path);
      expect([image.width, image.height]).to.deep.equal(outcome);
      expect(image.blurhash).to.satisfy((hash: string) => isBlurhashValid(hash).result);
      expect(image.blurhash).to.have.length(28);
      const { exif, icc, xmp, orientation, space, width, height } = await sharp(
        await kept(image),
      ).metadata();
      expect({ exif, icc, xmp, orientation }).to.deep.equal({
        ...{ exif: undefined, icc: undefined, xmp: undefined, orientation: undefined },
      });
      expect([width, height]).to.deep.equal(outcome);
      expect(space).to.be.oneOf(['srgb', 'b-w']);
    });
  }

  it('are refused when there is more of them than may be, or less than there was', async () => {
    const poster = sharedImage('posters/spring-original.jpg');
    const faultOf = async (bytes: Buffer): Promise<unknown> => {
      const error: unknown = await images.store(bytes, signal).catch((cause: unknown) => cause);
      return error instanceof ImageRefused ? error.fault : error;
    };
    expect(await faultOf(Buffer.concat([poster, Buffer.alloc(10_000_000)]))).to.equal('too-large');
    expect(await faultOf(poster.subarray(0, -2))).to.equal('damaged');
    // HEIC and others have the same box as AVIF.
    const heic = Buffer.from('00000018667479706865696300000000686569636d696631', 'hex');
    expect(await faultOf(heic)).to.equal('unsupported');
    expect(await faultOf(Buffer.from('0000'))).to.equal('unsupported');
  });

  it('are the same upright, however their EXIF turns them', async () => {
    const similar = async (one: string, other: string): Promise<number> => {
      const [a, b] = await Promise.all(
        [one, other].map(async (path) =>
          sharp(await kept(await store(path)))
            .resize(32, 32, { fit: 'fill' })
            .raw()
            .toBuffer(),
        ),
      );
      return difference(a ?? [], b ?? []);
    };
    for (const turned of ['Landscape_3', 'Landscape_6', 'Landscape_8']) {
      expect(
        await similar('good/sharp-Landscape_1.jpg', `good/sharp-${turned}.jpg`),
        turned,
      ).to.be.lessThan(4);
    }
    expect(await similar('good/sharp-Portrait_1.jpg', 'good/sharp-Portrait_6.jpg')).to.be.lessThan(
      4,
    );
    expect(
      await similar('good/sharp-Landscape_1.jpg', 'good/sharp-Portrait_1.jpg'),
      'another picture',
    ).to.be.greaterThan(20);
  });

  it('are one when they are stored twice, and leave nothing half-written behind', async () => {
    const [one, other] = await Promise.all([
      store('posters/spring-w500.jpg'),
      store('posters/spring-w500.jpg'),
    ]);
    expect(one).to.deep.equal(other);
    const files = await readdir(join(folder, 'originals', one.hash.slice(0, 2)));
    expect(files.filter((name) => name.includes(one.hash))).to.deep.equal([`${one.hash}.jpg`]);
  });

  it('are found in the width and the best format that is accepted', async () => {
    const { hash } = await store('posters/spring-w780.jpg');
    const transparent = await store('good/sharp-with-alpha.png');
    const browser = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
    for (const [of, width, accept, format, shown] of [
      [hash, 160, browser, 'heif', 160],
      [hash, 320, 'image/webp, */*', 'webp', 320],
      [hash, 640, 'image/avif;q=0, IMAGE/WEBP;q=0.5', 'webp', 640],
      [hash, 320, '*/*', 'jpeg', 320],
      [hash, 320, undefined, 'jpeg', 320],
      // Never made larger.
      [hash, 1280, 'image/webp', 'webp', 780],
      [hash, undefined, 'image/avif', 'heif', 780],
      [transparent.hash, 160, '*/*', 'png', 160],
      [transparent.hash, undefined, undefined, 'png', 256],
    ] as const) {
      const file = await images.find({ hash: of, width, accept }, signal);
      const metadata = await sharp(await readFile(file?.path ?? '')).metadata();
      expect([metadata.format, metadata.width], `${width} ${accept}`).to.deep.equal([
        format,
        shown,
      ]);
      expect(file?.type).to.equal(`image/${format === 'heif' ? 'avif' : format}`);
    }
    expect(
      await images.find({ hash: 'f'.repeat(64), width: 160, accept: undefined }, signal),
    ).to.equal(undefined);
  });
});

interface Vector {
  readonly file: string;
  readonly x: number;
  readonly y: number;
  readonly c_algorithm_abs_max: string;
}

describe('Blurhashes', () => {
  let vectors: readonly (Vector & { readonly pixels: Pixels })[];

  interface Pixels {
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
  }

  before(async function () {
    needs(this, hasSharedImages(), 'folder of pictures');
    const { encode: listed } = JSON.parse(
      sharedImage('blurhash/VECTORS.json').toString('utf8'),
    ) as { readonly encode: readonly Vector[] };
    vectors = await Promise.all(
      listed.map(async (vector) => {
        const { data, info } = await sharp(sharedImage(`blurhash/${vector.file}`))
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        return { ...vector, pixels: { data, width: info.width, height: info.height } };
      }),
    );
  });

  it('are what the reference makes of the same pixels', () => {
    expect(vectors).to.have.length(15);
    for (const { file, x, y, pixels, c_algorithm_abs_max: hash } of vectors) {
      expect(blurhashOf(pixels, x, y), `${file} ${x}×${y}`).to.equal(hash);
    }
  });

  it('of no more than 50 characters come of any picture, one pixel or none of its colours too', () => {
    const black = { data: new Uint8Array(3), width: 1, height: 1 };
    expect(blurhashOf(black, 4, 3)).to.equal('L00000fQfQfQfQfQfQfQfQfQfQfQ');
    expect(blurhashOf(black, 1, 1)).to.equal('000000');
  });

  it('show clients more of a picture than those of the package that they are decoded with', async () => {
    const differences = { ours: 0, theirs: 0 };
    for (const { file } of vectors) {
      const data = await sharp(sharedImage(`blurhash/${file}`))
        .removeAlpha()
        .resize(SIDE, SIDE, { fit: 'fill' })
        .raw()
        .toBuffer();
      const shownBy = (hash: string): number =>
        difference(withoutAlpha(decode(hash, SIDE, SIDE)), data);
      differences.ours += shownBy(blurhashOf({ data, width: SIDE, height: SIDE }, 4, 3));
      differences.theirs += shownBy(encode(withAlpha(data), SIDE, SIDE, 4, 3));
    }
    expect(differences.ours).to.be.lessThan(differences.theirs);
  });
});

const SIDE = 32;

/** On average, of a byte. */
const difference = (one: ArrayLike<number>, other: ArrayLike<number>): number => {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0));
  return sum / one.length;
};

const withoutAlpha = (rgba: Uint8ClampedArray): Uint8Array =>
  Uint8Array.from(
    { length: (rgba.length / 4) * 3 },
    (_, at) => rgba[Math.floor(at / 3) * 4 + (at % 3)] ?? 0,
  );

const withAlpha = (rgb: Uint8Array): Uint8ClampedArray =>
  Uint8ClampedArray.from({ length: (rgb.length / 3) * 4 }, (_, at) =>
    at % 4 === 3 ? 255 : (rgb[Math.floor(at / 4) * 3 + (at % 4)] ?? 0),
  );
