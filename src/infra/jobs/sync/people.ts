import type { ChangesAtTmdb } from '../../metadata/tmdb/tmdb.js';
import type { PeopleTable } from '../../people/peopleTable.js';
import type { SyncKind } from './sync.js';

/** Whoever is stale is looked up again when somebody asks for them: no more people than are looked at. */
const REACHES_BACK_DAYS = 365;

/** People who changed are stale. */
export const peopleChanges = (
  provider: ChangesAtTmdb,
  people: Pick<PeopleTable, 'holdsAny' | 'markStale' | 'markAllStale'>,
): SyncKind => ({
  name: 'people',
  reachesBackDays: REACHES_BACK_DAYS,
  holdsAny: (signal) => people.holdsAny(signal),
  changed: (slice, page, signal) => provider.changed('person', slice, page, signal),
  mark: (ids, signal) => people.markStale(ids, signal),
  markAll: (signal) => people.markAllStale(signal),
});
