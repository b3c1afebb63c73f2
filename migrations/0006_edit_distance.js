/**
 * The number of letters between two words, which the catalogue's search asks for.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw('create extension if not exists fuzzystrmatch');
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
