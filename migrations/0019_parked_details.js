/**
 * The details of errors that were kept before may hold the row that the database refused, and with it what a person
 * wrote. What an event is parked for still stands in its error, which names the constraint.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw('update projections.parked_events set detail = null where detail is not null');
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
