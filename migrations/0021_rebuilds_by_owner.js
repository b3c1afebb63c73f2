/**
 * Rebuilds read the log stream by stream, one owner (a person, a film) after the other: how far they have come is the
 * last owner whose rows are there. They are divided among workers no more: what was begun so is begun anew.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    alter table projections.builds
      -- Up to which position owners are read; null before, and when all of them are there.
      add column owners_until bigint,
      add column last_owner text;

    do $$
    declare
      share record;
    begin
      for share in select schema from projections.build_shares loop
        execute format('drop schema if exists %I cascade', share.schema);
      end loop;
    end $$;
    update projections.builds set checkpoint = 0, indexes = null
    where id in (select build_id from projections.build_shares);
    drop table projections.build_shares;
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
