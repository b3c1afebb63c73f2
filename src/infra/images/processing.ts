import type { Sharp, SharpOptions } from 'sharp';
import { ImageRefused } from '../../commands/ports/images.js';
import { blurhashOf } from '../../domain/images/blurhash.js';
import { MOST_PIXELS } from './acceptedImage.js';
import type { ImageFormat, OriginalFormat } from './imageFolder.js';

/** A picture as it is kept: upright, in sRGB, without metadata. */
export interface Original {
  readonly bytes: Buffer;
  readonly format: OriginalFormat;
  readonly width: number;
  readonly height: number;
  readonly blurhash: string | null;
}

/** What is kept is no larger: nothing shows more of it. */
const LONGEST_SIDE = 1_920;
const THUMBNAIL = 64;
const SECONDS = 20;

/**
 * Damage of any kind is refused, "warning" being the strictest: what is damaged here would be damaged for ever, and
 * whoever has the picture can send it again. A JPEG without its last two bytes is such a case, for it is what a download
 * that was cut short looks like.
 */
const incoming: SharpOptions = { failOn: 'warning', limitInputPixels: MOST_PIXELS };
const own: SharpOptions = { limitInputPixels: MOST_PIXELS };

/** Its native part is loaded by what has to do with pictures alone. */
const library = async () => {
  const { default: sharp } = await import('sharp');
  // One thread for each picture, and nothing kept of it: how many are done at once is for the queue to say.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
};

/** @throws {ImageRefused} it is damaged, or has too many pixels */
export const originalOf = async (given: Uint8Array): Promise<Original> => {
  const sharp = await library();
  try {
    const { hasAlpha } = await sharp(given, incoming).metadata();
    const isOpaque = !hasAlpha || (await sharp(given, incoming).stats()).isOpaque;
    const upright = sharp(given, incoming)
      .timeout({ seconds: SECONDS })
      .autoOrient()
      .resize({
        ...{ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside' },
        withoutEnlargement: true,
      })
      .toColourspace('srgb');
    const format = isOpaque ? 'jpg' : 'png';
    const { data, info } = await encoders[format](isOpaque ? upright.removeAlpha() : upright, {
      quality: 90,
    }).toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return { bytes: data, format, width, height, blurhash: await blurhashOfImage(data) };
  } catch (error) {
    throw refusalOf(error);
  }
};

const refusalOf = (cause: unknown): ImageRefused => {
  const message = cause instanceof Error ? cause.message.trim() : String(cause);
  return message.includes('pixel limit')
    ? new ImageRefused(
        'too-many-pixels',
        `A picture has at most ${MOST_PIXELS / 1_000_000} megapixels: send a smaller one.`,
        { cause },
      )
    : new ImageRefused('damaged', `The picture is damaged or incomplete: ${message}.`, { cause });
};

/** @returns `null` where it cannot be made: the picture is good all the same */
const blurhashOfImage = async (bytes: Uint8Array): Promise<string | null> => {
  try {
    const sharp = await library();
    const { data, info } = await sharp(bytes, own)
      .resize({ width: THUMBNAIL, height: THUMBNAIL, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) return null;
    return blurhashOf({ data, width: info.width, height: info.height }, 4, 3);
  } catch {
    return null;
  }
};

/** An original in another width or format. */
export const variantOf = async (
  path: string,
  { width, format }: { readonly width: number | undefined; readonly format: ImageFormat },
): Promise<Buffer> => {
  const sharp = await library();
  const image = sharp(path, own).timeout({ seconds: SECONDS });
  const sized = width === undefined ? image : image.resize({ width, withoutEnlargement: true });
  return encoders[format](sized, {}).toBuffer();
};

/**
 * A poster of 500×707 takes 9 ms of CPU as JPEG (70 kB), 21 as WebP of effort 1 (56 kB), 52 as AVIF of effort 0
 * (31 kB). Effort 2 saves WebP 6 % for a quarter more time; effort 1 saves AVIF 3 % for more than twice the time.
 */
const encoders: Readonly<
  Record<ImageFormat, (image: Sharp, options: { readonly quality?: number }) => Sharp>
> = {
  jpg: (image, { quality = 80 }) => image.jpeg({ quality }),
  png: (image) => image.png(),
  webp: (image, { quality = 80 }) => image.webp({ quality, effort: 1 }),
  avif: (image, { quality = 50 }) => image.avif({ quality, effort: 0 }),
};
