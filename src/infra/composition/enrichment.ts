import type { Logger } from 'pino';
import type { Commands } from '../../commands/commands.js';
import { ProviderFailure } from '../../commands/ports/movieProvider.js';
import type { Reaction } from '../../commands/ports/reactions.js';
import { pause } from '../../commands/ports/waiting.js';
import { enrichmentReaction } from '../../commands/reactions/enrichment.js';
import type { Config } from '../config/config.js';
import { settings } from '../config/settings.js';
import type { DoWork } from '../jobs/queue/workQueue.js';
import type { OutgoingObserver } from '../outgoing/outgoing.js';
import type { Database } from '../postgres/database.js';
import { exclusively } from '../postgres/pool/exclusively.js';

/** What looks films up, where a provider is configured. */
export interface Enrichment {
  readonly reaction: Reaction;
  /** From now on this process does the work that waits. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A provider that is away is not asked for one film after the other. */
const AWAY_MS = 5_000;

/** @returns `undefined` where no provider is configured; nothing of it is loaded then */
export const openEnrichment = async (
  { tmdbKey: key, tmdbUrl: baseUrl, metadataLanguage: language }: Config,
  {
    database,
    connectionString,
    commands,
    logger,
    observer,
  }: {
    readonly database: Database;
    readonly connectionString: string;
    readonly commands: Pick<Commands, 'enrich'>;
    readonly logger: Logger;
    readonly observer: OutgoingObserver | undefined;
  },
): Promise<Enrichment | undefined> => {
  if (key === undefined) return undefined;
  const [{ createOutgoing }, { createTmdb, tmdbProvider }, { openWorkQueue }] = await Promise.all([
    import('../outgoing/outgoing.js'),
    import('../metadata/tmdb/tmdb.js'),
    import('../jobs/queue/workQueue.js'),
  ]);
  const isDefault = baseUrl === settings.tmdbUrl.fallback;
  const provider = tmdbProvider({ key, baseUrl, language }, isDefault);
  const outgoing = createOutgoing(provider, { logger, observer });
  const tmdb = createTmdb(outgoing, { language });
  const doWork: DoWork = async ({ movieId }, signal) => {
    try {
      return await commands.enrich(tmdb, movieId, signal);
    } catch (error) {
      if (error instanceof ProviderFailure) {
        logger.debug({ err: error, movieId }, 'a film could not be looked up: trying again later');
        if (error.fault !== 'malformed') await pause(AWAY_MS, signal);
      } else {
        logger.warn({ err: error, movieId }, 'a film could not be looked up: trying again later');
      }
      throw error;
    }
  };
  // Of several processes that start at once, one makes its tables.
  const queue = await exclusively(database, 'work queue', () =>
    openWorkQueue({ connectionString, logger, doWork }),
  );
  return {
    reaction: enrichmentReaction({ queue }),
    start: () => queue.start(),
    close: async () => {
      await queue.close();
      await outgoing.close();
    },
  };
};
