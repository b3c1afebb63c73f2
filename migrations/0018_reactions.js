/**
 * Where each reaction stands in the log, and what the one that follows titles remembers of it. All of it is made
 * anew from the log when it is not there.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create schema reactions;

    create table reactions.checkpoints (
      name text primary key,
      -- of what the reaction remembers
      version integer not null,
      -- the identity of the log that the position is of
      log text not null,
      position bigint not null,
      updated_at timestamptz not null default now()
    );

    -- The films of the catalogue.
    create table reactions.films (
      film_id uuid primary key,
      -- the facts that are known of it, one bit each
      known integer not null,
      -- not removed
      live boolean not null
    );

    -- What titles are called elsewhere, as the id that follows from such a name.
    create table reactions.title_names (
      title_id uuid not null,
      provider text not null,
      name uuid not null,
      primary key (title_id, provider)
    );
    create index title_names_by_name on reactions.title_names (name);

    -- Who has something to do with a title.
    create table reactions.viewers (
      title_id uuid not null,
      user_id uuid not null,
      -- the facts that plays or names lack, one bit each
      lacks integer not null,
      primary key (title_id, user_id)
    );
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
