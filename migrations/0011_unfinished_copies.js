/**
 * Logs that a copy of another is being made in: until it has ended they lack events, and no service may begin there.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table projections.unfinished_copies (
      to_log text primary key,
      from_log text not null,
      begun_at timestamptz not null default now()
    );
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
