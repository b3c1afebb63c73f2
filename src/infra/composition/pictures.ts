import { HopelessWork } from '../../commands/ports/workQueue.js';
import { ImageRefused, ImageUnavailable } from '../../commands/ports/images.js';
import { ProviderFailure } from '../../commands/ports/movieProvider.js';
import { picturesReaction } from '../../commands/reactions/pictures.js';
import type { Config } from '../config/config.js';
import type { ForBackgroundWork, WorkPart } from './workPart.js';

/** What fetches pictures. @returns `undefined` where no provider is configured; nothing of it is loaded then */
export const openPictures = async (
  { tmdbKey: key, tmdbImageUrl: baseUrl }: Config,
  { commands, images, logger, observer }: ForBackgroundWork,
): Promise<WorkPart | undefined> => {
  if (key === undefined) return undefined;
  const [{ createOutgoing }, { createTmdbImages, tmdbImagesProvider }, { task }] =
    await Promise.all([
      import('../outgoing/outgoing.js'),
      import('../metadata/tmdb/tmdbImages.js'),
      import('../jobs/queue/task.js'),
    ]);
  const outgoing = createOutgoing(tmdbImagesProvider(baseUrl), { logger, observer });
  const provider = createTmdbImages(outgoing, baseUrl);
  const store = task('store-image', async (about, signal) => {
    try {
      return await commands.fetchImage({ images, provider }, about, signal);
    } catch (error) {
      if (error instanceof ImageRefused || error instanceof ImageUnavailable) {
        logger.warn({ err: error, ...about }, 'a picture of a film cannot be had');
        throw new HopelessWork(error.message, { cause: error });
      }
      const level = error instanceof ProviderFailure ? 'debug' : 'warn';
      logger[level]({ err: error, ...about }, 'a picture was not fetched: trying again later');
      throw error;
    }
  });
  return {
    reactions: (queue) => [picturesReaction({ queue })],
    tasks: [store],
    close: () => outgoing.close(),
  };
};
