import type { PersonDetails } from '../../domain/person/details.js';
import type { FoundPerson } from '../../queries/ports/facts.js';
import type { Database } from '../postgres/database.js';

/** The people that were asked for once, in the database. */
export interface PeopleTable {
  /** Those that are there; not fresh are those to be asked for again. */
  load(
    ids: readonly number[],
  ): Promise<ReadonlyMap<number, { readonly person: FoundPerson; readonly isFresh: boolean }>>;
  save(tmdbId: number, person: FoundPerson): Promise<void>;
  /** The provider has changed something of these people. @returns how many of them are there */
  markStale(ids: readonly number[], signal?: AbortSignal): Promise<number>;
  /** Likewise, of all. */
  markAllStale(signal: AbortSignal): Promise<number>;
  holdsAny(signal: AbortSignal): Promise<boolean>;
}

/** Whose birthday is not known, or who is not known at all, is asked for again after this (SEMANTICS D10). */
const UNKNOWN_DAYS = 30;

export const createPeopleTable = (database: Database): PeopleTable => ({
  load: async (ids) => {
    if (ids.length === 0) return new Map();
    const rows = await database.query<{
      tmdb_id: number;
      details: PersonDetails | null;
      fetched_at: Date;
      fresh: boolean;
    }>({
      name: 'people.load',
      text: `select tmdb_id, details, fetched_at,
                    not stale and (details ->> 'birthday' is not null
                                   or fetched_at > now() - make_interval(days => $2)) as fresh
             from people where tmdb_id = any($1)`,
      values: [ids, UNKNOWN_DAYS],
    });
    return new Map(
      rows.map(({ tmdb_id, details, fetched_at: fetchedAt, fresh }) => [
        tmdb_id,
        { person: { ...(details ? { details } : {}), fetchedAt }, isFresh: fresh },
      ]),
    );
  },
  save: async (tmdbId, { details, fetchedAt }) => {
    await database.query({
      name: 'people.save',
      // What was known of somebody whom the provider knows no more stays.
      text: `insert into people (tmdb_id, details, fetched_at) values ($1, $2, $3)
             on conflict (tmdb_id) do update
               set details = coalesce(excluded.details, people.details),
                   fetched_at = excluded.fetched_at, stale = false`,
      values: [tmdbId, details === undefined ? null : JSON.stringify(details), fetchedAt],
    });
  },
  markStale: async (ids, signal) => {
    const rows = await database.query({
      text: 'update people set stale = true where tmdb_id = any($1) and not stale returning tmdb_id',
      values: [ids],
      ...(signal ? { signal } : {}),
    });
    return rows.length;
  },
  markAllStale: async (signal) => {
    const text = 'update people set stale = true where not stale returning tmdb_id';
    return (await database.query({ text, signal })).length;
  },
  holdsAny: async (signal) =>
    (await database.query({ text: 'select from people limit 1', signal })).length > 0,
});
