import type { CollectionRefresh } from '../../commands/catalogue/refreshCollection.js';
import type { Database } from '../postgres/database.js';

/** When a provider was asked about collections. */
export interface CollectionRefreshes {
  /** A provider was asked about a collection, by its id at TMDb. */
  note(tmdbId: number, outcome: CollectionRefresh): Promise<void>;
  /** Whether that is longer ago than collections are asked for again, or was never. */
  isDue(tmdbId: number, signal: AbortSignal): Promise<boolean>;
}

/** They change when a film is announced. */
const EVERY_DAYS = 7;

export const createCollectionRefreshes = (database: Database): CollectionRefreshes => ({
  note: async (tmdbId, outcome) => {
    await database.query({
      text: `insert into collection_refreshes (tmdb_id, asked_at, outcome) values ($1, now(), $2)
             on conflict (tmdb_id) do update set asked_at = excluded.asked_at, outcome = excluded.outcome`,
      values: [tmdbId, outcome],
    });
  },
  isDue: async (tmdbId, signal) => {
    const asked = await database.query({
      text: `select from collection_refreshes
             where tmdb_id = $1 and asked_at > now() - make_interval(days => $2)`,
      values: [tmdbId, EVERY_DAYS],
      signal,
    });
    return asked.length === 0;
  },
});
