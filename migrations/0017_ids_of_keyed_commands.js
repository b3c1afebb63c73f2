/**
 * The ids of a command's events follow from what the command is, and no more from its idempotency key alone.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    -- true of what was begun before: its events, if it got so far, have the ids of then
    alter table command_receipts add column ids_by_key_alone boolean not null default true;
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
