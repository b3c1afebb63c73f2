import type { Enrichment } from '../../commands/catalogue/enrichMovie.js';
import { refreshRules } from '../../domain/sync/refreshRules.js';
import { QUEUE_SCHEMA } from '../jobs/queue/waitingWork.js';
import type { Database } from '../postgres/database.js';
import { createServedReadModels } from '../readModels/live/servedReadModels.js';
import { notifyChanged } from '../readModels/notices/changeNotices.js';

/** When providers were asked about films, and which films are to be asked about again. */
export interface FilmRefreshes {
  /** A provider was asked about a film. */
  note(movieId: string, outcome: Enrichment): Promise<void>;
  /** Whether the catalogue has films of TMDb. */
  holdsAny(signal: AbortSignal): Promise<boolean>;
  /**
   * Something changed at TMDb of films, by their ids there.
   * @returns those that the catalogue has
   */
  markStale(tmdbIds: readonly number[], signal: AbortSignal): Promise<readonly string[]>;
  /** @returns how many; films that nobody was asked about yet are due in any case */
  markAllStale(signal: AbortSignal): Promise<number>;
  /**
   * Films that nothing waits for in the queue and that are due: those that changed first, then those that nobody was
   * asked about, then those that were looked up longest ago.
   */
  due(now: Date, limit: number, signal: AbortSignal): Promise<readonly string[]>;
}

/** The provider knew the film. */
const KNOWN: readonly Enrichment[] = ['enriched', 'unchanged'];
/** The catalogue has it no more. */
const GONE: readonly Enrichment[] = ['gone', 'merged'];
const DAY_MS = 86_400_000;

export const createFilmRefreshes = (database: Database): FilmRefreshes => ({
  note: async (movieId, outcome) => {
    await database.transaction(async (tx) => {
      await tx.query(
        GONE.includes(outcome)
          ? { text: 'delete from film_refreshes where movie_id = $1', values: [movieId] }
          : {
              text: `insert into film_refreshes as f (movie_id, asked_at, outcome, refreshed_at)
                     values ($1, now(), $2, case when $3 then now() end)
                     on conflict (movie_id) do update
                       set asked_at = now(), outcome = excluded.outcome, stale_since = null,
                           refreshed_at = coalesce(excluded.refreshed_at, f.refreshed_at)`,
              values: [movieId, outcome, KNOWN.includes(outcome)],
            },
      );
      await notifyChanged(tx, 'film_refreshes', { from: 0n, to: 0n }, [`movie:${movieId}`]);
    });
  },
  holdsAny: async (signal) => {
    const found = await database.query({
      text: `select from reservations where name like 'tmdb:movie:%' limit 1`,
      signal,
    });
    return found.length > 0;
  },
  markStale: async (tmdbIds, signal) => {
    const rows = await database.query<{ movieId: string }>({
      text: `insert into film_refreshes as f (movie_id, stale_since)
             select distinct owner, now() from reservations where name = any($1)
             on conflict (movie_id) do update
               set stale_since = coalesce(f.stale_since, excluded.stale_since)
             returning movie_id as "movieId"`,
      values: [tmdbIds.map((id) => `tmdb:movie:${id}`)],
      signal,
    });
    return rows.map(({ movieId }) => movieId);
  },
  markAllStale: async (signal) => {
    const rows = await database.query({
      text: `update film_refreshes set stale_since = coalesce(stale_since, now()) returning movie_id`,
      signal,
    });
    return rows.length;
  },
  due: async (now, limit, signal) => {
    const rules = refreshRules(now.toISOString().slice(0, 10));
    const [queue] = await database.query<{ there: boolean }>({
      text: `select to_regclass('${QUEUE_SCHEMA}.jobs') is not null as there`,
    });
    const isQueued =
      queue?.there === true
        ? `exists (select from ${QUEUE_SCHEMA}.jobs w where w.key = 'enrich-movie:' || m.movie_id)`
        : 'false';
    const rows = await createServedReadModels(database)
      .now()
      .query<{ movieId: string }>({
        text: `with rules as (
                 select * from unnest($1::date[], $2::timestamptz[]) as r (released_since, asked_before))
               select m.movie_id as "movieId"
               from {catalogue}.movies m left join film_refreshes f using (movie_id)
               where m.status = 'live' and not ${isQueued} and (
                 f.stale_since is not null or f.asked_at is null or f.asked_at < (
                   select max(asked_before) from rules
                   where coalesce(m.release_date, make_date(m.year, 12, 31), '0001-01-01') >= released_since))
               order by f.stale_since is null, f.stale_since, f.asked_at nulls first, m.movie_id
               limit $3`,
        values: [
          rules.map(({ releasedSince }) => releasedSince),
          rules.map(({ everyDays }) => new Date(now.getTime() - everyDays * DAY_MS)),
          limit,
        ],
        signal,
      });
    return rows.map(({ movieId }) => movieId);
  },
});
