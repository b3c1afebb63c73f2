import { ProviderFailure, type CollectionProvider } from '../../commands/ports/movieProvider.js';
import { pause } from '../../commands/ports/waiting.js';
import type { WorkQueue } from '../../commands/ports/workQueue.js';
import { enrichmentReaction } from '../../commands/reactions/enrichment.js';
import { createCollectionRefreshes } from '../metadata/collectionRefreshes.js';
import { createFilmRefreshes } from '../metadata/filmRefreshes.js';
import { openRadarr } from './radarr.js';
import type { ForBackgroundWork, WorkPart } from './workPart.js';

/** A provider that is away is not asked for one film after the other. */
const AWAY_MS = 5_000;

/** What looks films up, and their collections. @returns `undefined` where no provider is configured */
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
  const collections = createCollectionRefreshes(database);
  /** A provider that is away leaves the work to a later attempt. */
  const orLater = async <T>(what: string, about: object, signal: AbortSignal, work: Promise<T>) => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof ProviderFailure) {
        logger.debug(
          { err: error, ...about },
          `${what} could not be looked up: trying again later`,
        );
        if (error.fault !== 'malformed') await pause(AWAY_MS, signal);
      } else {
        logger.warn({ err: error, ...about }, `${what} could not be looked up: trying again later`);
      }
      throw error;
    }
  };
  const enriched = async (movieId: string, signal: AbortSignal, queue: WorkQueue) => {
    const { outcome, collectionTmdbId: tmdbId } = await commands.enrich(providers, movieId, signal);
    if (tmdbId !== undefined && tmdb && (await collections.isDue(tmdbId, signal))) {
      await queue.add([{ kind: 'refresh-collection', tmdbId }]);
    }
    await refreshes.note(movieId, outcome);
    return outcome;
  };
  const enrich = task('enrich-movie', ({ movieId }, signal, queue) =>
    orLater('a film', { movieId }, signal, enriched(movieId, signal, queue)),
  );
  const refreshed = async (provider: CollectionProvider, tmdbId: number, signal: AbortSignal) => {
    // Another of its films may have had it looked up while this waited.
    if (!(await collections.isDue(tmdbId, signal))) return 'done-already';
    const outcome = await commands.refreshCollection(provider, tmdbId, signal);
    await collections.note(tmdbId, outcome);
    return outcome;
  };
  const ofTmdb = tmdb && [
    task('refresh-collection', ({ tmdbId }, signal) =>
      orLater('a collection', { tmdbId }, signal, refreshed(tmdb, tmdbId, signal)),
    ),
  ];
  return {
    reactions: (queue) => [enrichmentReaction({ queue })],
    tasks: [enrich, ...(ofTmdb ?? [])],
    close: async () => {
      await radarr?.outgoing.close();
    },
  };
};
