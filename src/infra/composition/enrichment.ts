import { ProviderFailure } from '../../commands/ports/movieProvider.js';
import { pause } from '../../commands/ports/waiting.js';
import { enrichmentReaction } from '../../commands/reactions/enrichment.js';
import { createFilmRefreshes } from '../metadata/filmRefreshes.js';
import { openRadarr } from './radarr.js';
import type { ForBackgroundWork, WorkPart } from './workPart.js';

/** A provider that is away is not asked for one film after the other. */
const AWAY_MS = 5_000;

/** What looks films up. @returns `undefined` where no provider is configured */
export const openEnrichment = async ({
  database,
  config,
  commands,
  tmdb,
  logger,
  observer,
}: ForBackgroundWork): Promise<WorkPart | undefined> => {
  const radarr = await openRadarr(config, 'films', { logger, observer });
  // In the order in which they are believed.
  const providers = [radarr?.provider, tmdb].filter((one) => one !== undefined);
  if (providers.length === 0) return undefined;
  const { task } = await import('../jobs/queue/task.js');
  const refreshes = createFilmRefreshes(database);
  const enrich = task('enrich-movie', async ({ movieId }, signal) => {
    try {
      const outcome = await commands.enrich(providers, movieId, signal);
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
    close: async () => {
      await radarr?.outgoing.close();
    },
  };
};
