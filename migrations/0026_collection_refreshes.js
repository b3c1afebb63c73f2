/**
 * When a provider was last asked about collections. It is no history: an answer that says nothing new is no event.
 * Where it is lost collections are looked up once more.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table collection_refreshes (
      tmdb_id integer primary key,
      asked_at timestamptz not null,
      outcome text not null check (outcome in ('refreshed', 'unchanged', 'unknown'))
    );
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
