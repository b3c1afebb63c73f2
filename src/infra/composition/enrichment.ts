import { ProviderFailure } from '../../commands/ports/movieProvider.js';
import { pause } from '../../commands/ports/waiting.js';
import { enrichmentReaction } from '../../commands/reactions/enrichment.js';
import { createFilmRefreshes } from '../metadata/filmRefreshes.js';
import type { ForBackgroundWork, WorkPart } from './workPart.js';

/** A provider that is away is not asked for one film after the other. */
const AWAY_MS = 5_000;

/** What looks films up. @returns `undefined` where no provider is configured */
export const openEnrichment = async ({
  database,
  commands,
  tmdb,
  logger,
}: ForBackgroundWork): Promise<WorkPart | undefined> => {
  if (!tmdb) return undefined;
  const { task } = await import('../jobs/queue/task.js');
  const refreshes = createFilmRefreshes(database);
  const enrich = task('enrich-movie', async ({ movieId }, signal) => {
    try {
      const outcome = await commands.enrich(tmdb, movieId, signal);
      await refreshes.note(movieId, outcome);
      return outcome;
    } catch (error) {
      if (error instanceof ProviderFailure) {
        logger.debug({ err: error, movieId }, 'a film could not be looked up: trying again later');
        if (error.fault !== 'malformed') await pause(AWAY_MS, signal);
      } else {
        logger.warn({ err: error, movieId }, 'a film could not be looked up: trying again later');
      }
      throw error;
    }
  });
  return {
    reactions: (queue) => [enrichmentReaction({ queue })],
    tasks: [enrich],
    close: () => Promise.resolve(),
  };
};
