import type { WorkQueue } from '../../../commands/ports/workQueue.js';
import type { FilmRefreshes } from '../../metadata/filmRefreshes.js';
import type { ChangesAtTmdb } from '../../metadata/tmdb/tmdb.js';
import type { SyncKind } from './sync.js';

/** Asked for one by one, the changes of a year take more requests than most catalogues have films. */
const REACHES_BACK_DAYS = 365;

/** Films of the catalogue that changed are stale, and looked up again, after whatever else waits. */
export const filmChanges = (
  provider: ChangesAtTmdb,
  refreshes: Pick<FilmRefreshes, 'holdsAny' | 'markStale' | 'markAllStale'>,
  queue: Pick<WorkQueue, 'add'>,
): SyncKind => ({
  name: 'films',
  reachesBackDays: REACHES_BACK_DAYS,
  holdsAny: (signal) => refreshes.holdsAny(signal),
  changed: (slice, page, signal) => provider.changed('movie', slice, page, signal),
  mark: async (ids, signal) => {
    const films = await refreshes.markStale(ids, signal);
    const work = films.map((movieId) => ({ kind: 'enrich-movie', movieId }) as const);
    await queue.add(work, { behind: true });
    return films.length;
  },
  // They take their turns with all others that are due.
  markAll: (signal) => refreshes.markAllStale(signal),
});
