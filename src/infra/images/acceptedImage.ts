import { ImageRefused } from '../../commands/ports/images.js';

/** Of a picture, as it comes in. TMDb's largest are some 5 MB, a telephone's photographs as much. */
export const MOST_BYTES = 10_000_000;
/** Of its first frame. Unpacked it takes up to 8 bytes a pixel; a picture of few bytes can have very many. */
export const MOST_PIXELS = 40_000_000;

const starts = (bytes: Uint8Array, text: string, at = 0): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .subarray(at, at + text.length)
    .equals(Buffer.from(text, 'latin1'));

/** What a file is by its first bytes; its name and `Content-Type` are often wrong. */
const formats: Readonly<Record<string, (bytes: Uint8Array) => boolean>> = {
  JPEG: (bytes) => starts(bytes, '\xff\xd8\xff'),
  PNG: (bytes) => starts(bytes, '\x89PNG\r\n\x1a\n'),
  GIF: (bytes) => starts(bytes, 'GIF87a') || starts(bytes, 'GIF89a'),
  WebP: (bytes) => starts(bytes, 'RIFF') && starts(bytes, 'WEBP', 8),
  // HEIC has the same box with other brands.
  AVIF: (bytes) =>
    starts(bytes, 'ftyp', 4) && ['avif', 'avis'].some((brand) => names(bytes, brand)),
};

/** Whether the file type box (ISO/IEC 14496-12 §4.3) has a brand, as the major one or among the compatible ones. */
const names = (bytes: Uint8Array, brand: string): boolean => {
  const length = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), 256);
  for (let at = 8; at + 4 <= length; at += 4) if (starts(bytes, brand, at)) return true;
  return false;
};

/** @throws {ImageRefused} it is too large, or no picture of a format that is taken */
export const requireImage = (bytes: Uint8Array): void => {
  if (bytes.byteLength > MOST_BYTES) {
    throw new ImageRefused('too-large', `A picture has at most ${MOST_BYTES / 1_000_000} MB.`);
  }
  if (bytes.byteLength === 0) {
    throw new ImageRefused('unsupported', 'There is no picture: send its bytes as the body.');
  }
  if (!Object.values(formats).some((isOf) => isOf(bytes))) {
    throw new ImageRefused(
      'unsupported',
      `This is no picture in one of the formats that are taken: ${Object.keys(formats).join(', ')}.`,
    );
  }
};
