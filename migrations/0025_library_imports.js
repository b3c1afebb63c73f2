/**
 * Imports of the libraries of media managers: who asked for one, how far it is, and what it did.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table library_imports (
      id bigint generated always as identity primary key,
      -- the media manager: radarr
      source text not null,
      -- the library that new films belong to
      library_id uuid,
      -- the id of a person
      requested_by text not null,
      requested_at timestamptz not null default now(),
      -- absent while it waits
      started_at timestamptz,
      ended_at timestamptz,
      outcome text check (outcome in ('done', 'failed', 'lost')),
      -- commands done, of those that there are to do
      done integer,
      total integer,
      -- what it did
      summary json,
      -- why it failed, or waits to be tried again
      error text,
      check ((ended_at is null) = (outcome is null))
    );
    create unique index library_imports_under_way on library_imports (source) where ended_at is null;
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
