import type { WorkQueue } from '../../commands/ports/workQueue.js';
import type { Window } from '../../domain/sync/window.js';
import type { Config } from '../config/config.js';
import type { Job } from '../jobs/job.js';
import { refreshFilms } from '../jobs/refreshFilms.js';
import { filmChanges } from '../jobs/sync/films.js';
import { peopleChanges } from '../jobs/sync/people.js';
import { plannedWindows, syncChanges } from '../jobs/sync/sync.js';
import { syncJob } from '../jobs/sync/syncJob.js';
import { createSyncProgress } from '../jobs/sync/syncProgress.js';
import { createFilmRefreshes } from '../metadata/filmRefreshes.js';
import { createPeopleTable } from '../people/peopleTable.js';
import type { TmdbClient } from './tmdb.js';
import type { ForBackgroundWork } from './workPart.js';

/** The jobs that keep what is known of the catalogue up to date. */
export interface CatalogueJobs {
  /** As they are scheduled. */
  readonly jobs: readonly Job[];
  /** The sync of other days than those since the last one. @throws {BadWindow} */
  syncOf(given: Partial<Window>): Promise<Job>;
}

/** @returns `undefined` where no provider is configured. One is loaded when a job asks it. */
export const createCatalogueJobs = (
  config: Pick<Config, 'tmdbKey'>,
  given: Pick<ForBackgroundWork, 'database' | 'logger'> & {
    readonly tmdb: TmdbClient;
    readonly queue: Pick<WorkQueue, 'add'>;
  },
): CatalogueJobs | undefined => {
  if (config.tmdbKey === undefined) return undefined;
  const { database, logger, tmdb, queue } = given;
  const people = createPeopleTable(database);
  const refreshes = createFilmRefreshes(database);
  const progress = createSyncProgress(database);
  const sync = async (days: Partial<Window>, signal: AbortSignal): Promise<string> => {
    const provider = await tmdb.open();
    if (!provider) throw new Error('TMDB_API_KEY is not set');
    const kinds = [filmChanges(provider, refreshes, queue), peopleChanges(provider, people)];
    return syncChanges({ kinds, progress, today: today(), logger }, days, signal);
  };
  const jobOf = (days: Partial<Window>) => syncJob((signal) => sync(days, signal));
  return {
    jobs: [refreshFilms(refreshes, queue), jobOf({})],
    syncOf: async (days) => {
      await plannedWindows({ progress, today: today() }, days);
      return jobOf(days);
    },
  };
};

const today = (): string => new Date().toISOString().slice(0, 10);
