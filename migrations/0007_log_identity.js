/**
 * Which log this is, for those who keep positions of it elsewhere and must not take one log's for another's.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw('alter table log.head add column id uuid not null default gen_random_uuid()');
};

/** The history is never taken back. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
