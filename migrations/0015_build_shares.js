/**
 * Rebuilds that are divided among workers: each share beside the builder's own fills tables in a schema of its own, up
 * to one position, and the builder takes them in when all are there.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table projections.build_shares (
      build_id bigint not null references projections.builds (id) on delete cascade,
      -- The builder's own is 0 and has no row here.
      share integer not null check (share > 0),
      -- Of how many: whoever goes on with the build divides it in the same way.
      shares integer not null check (shares > share),
      schema text not null unique,
      -- Where all shares of the build end: they are one read model there.
      target bigint not null,
      -- As of projections.builds, for the share's own tables.
      checkpoint bigint not null default 0,
      indexes json,
      primary key (build_id, share)
    );
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
