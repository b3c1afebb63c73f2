/**
 * Where each read model stands. The read models' own tables are made by the projection engine, in a schema
 * each.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create schema projections;
    create table projections.checkpoints (
      name text primary key,
      version integer not null,
      position bigint not null,
      -- Raised by every reset and by every worker that begins: those before it cannot write any more.
      generation integer not null default 1,
      -- {error, attempts} of the last attempt to go on, if it failed.
      failure jsonb,
      updated_at timestamptz not null default now()
    );
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
