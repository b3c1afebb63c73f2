import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { ImagesBusy, type ImageStore } from '../../commands/ports/images.js';
import { unlessStopped } from '../../commands/ports/waiting.js';
import { requireImage } from './acceptedImage.js';
import { createImageFolder, type ImageFormat, type Variant } from './imageFolder.js';
import { originalOf, variantOf } from './processing.js';

/** In pixels. What is smaller than one of them is not made larger. */
export const WIDTHS = [160, 320, 640, 1_280] as const;

/** A file to be sent as it is. */
export interface ImageFile {
  readonly path: string;
  readonly type: string;
}

/** Pictures: kept, and served. */
export interface Images extends ImageStore {
  /**
   * A picture in a width and the best format that somebody accepts, made when it is wanted for the first time.
   * @returns `undefined` where there is no such picture
   * @throws {ImagesBusy}
   */
  find(
    wanted: {
      readonly hash: string;
      readonly width: number | undefined;
      /** The header of the request. */
      readonly accept: string | undefined;
    },
    signal: AbortSignal,
  ): Promise<ImageFile | undefined>;
  /** Begins nothing more, and waits for what is being made. */
  close(): Promise<void>;
}

/** One core is left to requests. Each takes a thread of libuv's four, which files and names are looked up by as well. */
const AT_ONCE = Math.min(3, Math.max(1, availableParallelism() - 1));
const MOST_WAITING = 500;

const types: Readonly<Record<ImageFormat, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
};

/** @param folder where they are kept; it is made with the first one */
export const createImages = (folder: string, logger: Logger): Images => {
  const files = createImageFolder(folder);
  const queue = new PQueue({ concurrency: AT_ONCE });
  const beingMade = new Map<string, Promise<void>>();

  /** What somebody waits for in front of a page goes first. */
  const inTurn = <T>(work: () => Promise<T>, priority: 0 | 1): Promise<T> => {
    if (queue.size >= MOST_WAITING) {
      throw new ImagesBusy('Too many pictures are waiting to be made. Try again in a moment.');
    }
    return queue.add(work, { priority });
  };

  const make = async (from: string, to: string, variant: Variant): Promise<void> => {
    const started = performance.now();
    const bytes = await inTurn(() => variantOf(from, variant), 1);
    await files.write(to, bytes);
    const ms = Math.round(performance.now() - started);
    logger.debug({ ...variant, bytes: bytes.byteLength, ms }, 'a picture was made smaller');
  };

  const made = (from: string, to: string, variant: Variant): Promise<void> => {
    const making = beingMade.get(to);
    if (making) return making;
    const work = make(from, to, variant).finally(() => beingMade.delete(to));
    beingMade.set(to, work);
    return work;
  };

  const awaited = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
    try {
      return await unlessStopped(work, signal);
    } catch (error) {
      if (!signal.aborted || error instanceof ImagesBusy) throw error;
      throw new ImagesBusy('The picture takes too long. Try again in a moment.', { cause: error });
    }
  };

  return {
    store: async (bytes, signal) => {
      requireImage(bytes);
      const {
        format,
        bytes: kept,
        ...about
      } = await awaited(
        inTurn(() => originalOf(bytes), 0),
        signal,
      );
      const hash = createHash('sha256').update(kept).digest('hex');
      const path = files.originalPath(hash, format);
      if (!(await files.isThere(path))) await files.write(path, kept);
      return { hash, ...about };
    },
    has: async (hash) => (await files.formatOf(hash)) !== undefined,
    find: async ({ hash, width, accept }, signal) => {
      const original = await files.formatOf(hash);
      if (original === undefined) return undefined;
      const format = bestOf(accept) ?? original;
      const from = files.originalPath(hash, original);
      if (width === undefined && format === original) return { path: from, type: types[format] };
      const variant = { hash, width, format };
      const path = files.variantPath(variant);
      if (!(await files.isThere(path))) await awaited(made(from, path, variant), signal);
      return { path, type: types[format] };
    },
    close: async () => {
      queue.clear();
      await queue.onIdle();
    },
  };
};

/** Those that a client has to name: `*` stands for what every client understands. */
const bestOf = (accept = ''): 'avif' | 'webp' | undefined =>
  (['avif', 'webp'] as const).find((format) =>
    accept
      .toLowerCase()
      .split(',')
      .some((range) => {
        const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
        const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
        return type === types[format] && !isRefused;
      }),
  );
