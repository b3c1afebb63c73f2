/**
 * Titles that turn out to be one: whose viewing was moved to another id of the title and has not arrived there.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    alter table reactions.viewers add column moved_to uuid;
    delete from reactions.checkpoints;
    create index viewers_under_way on reactions.viewers (user_id) where moved_to is not null;
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
