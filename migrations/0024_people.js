/**
 * What providers know of people: a cache, asked for again when it is stale.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table people (
      tmdb_id integer primary key,
      -- null: TMDb does not know the id
      details json,
      fetched_at timestamptz(3) not null,
      -- TMDb has changed something since
      stale boolean not null default false
    );
  `);
};

/** @param {import('knex').Knex} knex */
export const down = async (knex) => {
  await knex.raw('drop table people');
};
