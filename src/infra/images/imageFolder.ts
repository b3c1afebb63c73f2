import { randomUUID } from 'node:crypto';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What originals are kept as: PNG where they are transparent somewhere. */
export const originalFormats = ['jpg', 'png'] as const;
export type OriginalFormat = (typeof originalFormats)[number];
export type ImageFormat = OriginalFormat | 'webp' | 'avif';

/** Counts up when variants are made otherwise: those of before are no longer looked at. */
const RECIPE = 1;

/** A variant of a picture; without a width it is as large as its original. */
export interface Variant {
  readonly hash: string;
  readonly width: number | undefined;
  readonly format: ImageFormat;
}

/** Pictures as files: originals, which cannot be made again, and variants, which can. */
export interface ImageFolder {
  /** In which format there is an original; `undefined` where there is none. */
  formatOf(hash: string): Promise<OriginalFormat | undefined>;
  originalPath(hash: string, format: OriginalFormat): string;
  variantPath(variant: Variant): string;
  isThere(path: string): Promise<boolean>;
  /** Writes a file that is either whole or not there. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}

export const createImageFolder = (path: string): ImageFolder => {
  const folder = resolve(path);
  const originalPath = (hash: string, format: OriginalFormat): string =>
    join(folder, 'originals', hash.slice(0, 2), `${hash}.${format}`);
  return {
    originalPath,
    formatOf: async (hash) => {
      for (const format of originalFormats) {
        if (await isThere(originalPath(hash, format))) return format;
      }
      return undefined;
    },
    variantPath: ({ hash, width = 'full', format }) =>
      join(folder, `variants-${RECIPE}`, hash.slice(0, 2), `${hash}-${width}.${format}`),
    isThere,
    write: async (to, bytes) => {
      await mkdir(dirname(to), { recursive: true });
      const partial = `${to}.${randomUUID()}.partial`;
      try {
        const file = await open(partial, 'wx');
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(partial, to);
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
  };
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
