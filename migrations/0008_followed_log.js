/**
 * Which log the read models follow. Positions of one log mean nothing in another: where `reellog log copy` has
 * noted for each read model where its place is in the copy, it stays; else it is made anew.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table projections.followed_log (
      one_row boolean primary key default true check (one_row),
      log text not null,
      since timestamptz not null default now()
    );
    -- Until now there was but one log.
    insert into projections.followed_log (log)
      select 'postgres:' || id from log.head where exists (select from projections.checkpoints);

    create table projections.moved_checkpoints (
      name text not null,
      from_log text not null,
      to_log text not null,
      -- What the checkpoint was: when it has moved since, the note is void.
      from_position bigint not null,
      to_position bigint not null,
      noted_at timestamptz not null default now(),
      primary key (name, from_log, to_log)
    );
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
