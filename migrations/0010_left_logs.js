/**
 * The logs that read models have followed and left for another: going back to one of them without copying would
 * leave out what was recorded since.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(
    `alter table projections.followed_log add column left_behind text[] not null default '{}'`,
  );
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
