/**
 * When providers were last asked about films, and how far their lists of changes were read. None of it is history: an
 * answer that says nothing new is no event. Where it is lost films are looked up once more.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table film_refreshes (
      movie_id uuid primary key,
      -- null: not yet since this is noted
      asked_at timestamptz,
      outcome text check (outcome in ('enriched', 'unchanged', 'no-match', 'unknown')),
      -- when a provider last knew the film
      refreshed_at timestamptz,
      -- a provider says that something of it changed, and was not asked since
      stale_since timestamptz
    );

    create table sync_progress (
      -- what changes: films
      kind text primary key,
      -- every change up to the end of this day was dealt with, from the first that was
      completed_until date not null,
      updated_at timestamptz not null default now()
    );
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
