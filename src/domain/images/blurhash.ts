/**
 * BlurHash (https://github.com/woltapp/blurhash, Algorithm.md): a picture as a few cosines, in some thirty characters,
 * for clients to show until it is there. As the reference in C writes it, with the largest amplitude taken without
 * its sign.
 */

const DIGITS =
  '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

/** Red, green and blue, in linear light. */
type Colour = readonly [number, number, number];

/** A picture's pixels: a byte each of red, green and blue in sRGB, row by row. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** @param across how many components there are in each direction, 1 to 9 */
export const blurhashOf = (pixels: Pixels, across: number, down: number): string => {
  const [average, ...waves] = componentsOf(pixels, across, down);
  if (average === undefined) return '';
  const largest = Math.max(0, ...waves.flat().map(Math.abs));
  const scale = waves.length === 0 ? 0 : clamp(Math.floor(largest * 166 - 0.5), 0, 82);
  const unit = waves.length === 0 ? 1 : (scale + 1) / 166;
  return [
    digits(across - 1 + (down - 1) * 9, 1),
    digits(scale, 1),
    digits(averageCode(average), 4),
    ...waves.map((wave) => digits(waveCode(wave, unit), 2)),
  ].join('');
};

/** How much of each pair of cosines there is in the picture: first its average, then wave by wave. */
const componentsOf = (pixels: Pixels, across: number, down: number): readonly Colour[] => {
  const columns = cosines(across, pixels.width);
  const rows = cosines(down, pixels.height);
  return rows.flatMap((row, y) =>
    columns.map((column, x) => component(pixels, column, row, x === 0 && y === 0 ? 1 : 2)),
  );
};

const cosines = (count: number, length: number): readonly Float64Array[] =>
  Array.from({ length: count }, (_, wave) =>
    Float64Array.from({ length }, (__, at) => Math.cos((Math.PI * wave * at) / length)),
  );

const component = (
  { data, width, height }: Pixels,
  column: Float64Array,
  row: Float64Array,
  weight: number,
): Colour => {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) {
      const basis = (column[x] ?? 0) * (row[y] ?? 0);
      red += basis * linear(data[at]);
      green += basis * linear(data[at + 1]);
      blue += basis * linear(data[at + 2]);
    }
  }
  const share = weight / (width * height);
  return [red * share, green * share, blue * share];
};

const averageCode = ([red, green, blue]: Colour): number =>
  (toSrgb(red) << 16) + (toSrgb(green) << 8) + toSrgb(blue);

const waveCode = (wave: Colour, unit: number): number => {
  const [red, green, blue] = wave.map((value) =>
    clamp(Math.floor(signedRoot(value / unit) * 9 + 9.5), 0, 18),
  );
  return (red ?? 0) * 19 * 19 + (green ?? 0) * 19 + (blue ?? 0);
};

const signedRoot = (value: number): number => Math.sign(value) * Math.sqrt(Math.abs(value));

const clamp = (value: number, least: number, most: number): number =>
  Math.max(least, Math.min(most, value));

const digits = (value: number, length: number): string =>
  Array.from(
    { length },
    (_, at) => DIGITS[Math.floor(value / 83 ** (length - 1 - at)) % 83] ?? '',
  ).join('');

/** IEC 61966-2-1, by the byte. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

const linear = (byte: number | undefined): number => LINEAR[byte ?? 0] ?? 0;

const toSrgb = (light: number): number => {
  const value = clamp(light, 0, 1);
  const shown = value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
  return Math.trunc(shown * 255 + 0.5);
};
