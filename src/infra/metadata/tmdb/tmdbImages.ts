import {
  ImageUnavailable,
  type ImageProvider,
  type ImageUse,
} from '../../../commands/ports/images.js';
import { ProviderFailure } from '../../../commands/ports/movieProvider.js';
import { settings } from '../../config/settings.js';
import type { Outgoing, Provider } from '../../outgoing/outgoing.js';
import { OutgoingFailure } from '../../outgoing/outgoingFailure.js';
import { MOST_BYTES } from '../../images/acceptedImage.js';

/** The largest of TMDb's sizes that is of use (https://developer.themoviedb.org/docs/image-basics). */
const sizes: Readonly<Record<ImageUse, string>> = {
  poster: 'w780',
  backdrop: 'w1280',
  logo: 'w500',
  portrait: 'h632',
};

/** It takes no key. */
export const tmdbImagesProvider = (baseUrl: string): Provider => ({
  name: 'TMDb images',
  baseUrl,
  origins: [
    { origin: new URL(baseUrl).origin, mayBeInternal: baseUrl !== settings.tmdbImageUrl.fallback },
  ],
  headers: {},
  perSecond: 20,
  atOnce: 4,
  limits: { timeoutMs: 20_000, maxBytes: MOST_BYTES },
});

/** Pictures that TMDb's answers name, by a path such as `/abc.jpg` or by a whole address of theirs. */
export const createTmdbImages = (
  outgoing: Pick<Outgoing, 'getBytes'>,
  baseUrl: string,
): ImageProvider => {
  const hosts = new Set([new URL(baseUrl).origin, new URL(settings.tmdbImageUrl.fallback).origin]);
  return {
    download: async (path, use, signal) => {
      const file = fileOf(path, hosts);
      if (file === undefined) {
        throw new ImageUnavailable(`${path} is not a picture of TMDb's: nobody else is asked.`);
      }
      try {
        return await outgoing.getBytes(`/${sizes[use]}/${file}`, { signal });
      } catch (error) {
        if (!(error instanceof OutgoingFailure)) throw error;
        throw failureOf(error, path);
      }
    },
  };
};

/** `abc.jpg` of `/abc.jpg` and of `https://image.tmdb.org/t/p/w500/abc.jpg`. */
const fileOf = (path: string, hosts: ReadonlySet<string>): string | undefined => {
  const address = URL.canParse(path) ? new URL(path) : undefined;
  if (address && !hosts.has(address.origin)) return undefined;
  const [, file] = /^(?:\/t\/p\/\w+)?\/([\w-]+\.\w{3,4})$/.exec(address?.pathname ?? path) ?? [];
  return file;
};

const failureOf = (error: OutgoingFailure, path: string): Error => {
  const { failure, message } = error;
  const isForGood =
    failure.kind === 'too-large' ||
    failure.kind === 'address-refused' ||
    (failure.kind === 'status' && [400, 404, 410].includes(failure.status));
  return isForGood
    ? new ImageUnavailable(`${path}: ${message}`, { cause: error })
    : new ProviderFailure(error.provider, 'unavailable', message, { cause: error });
};
