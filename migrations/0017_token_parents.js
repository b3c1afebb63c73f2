/**
 * Which token a token was made with: it ends no later, and is revoked together with it. Tokens of before, and those
 * made beside the service, were made with none. No foreign key: rows are copied in any order, and a token that ended
 * long ago is deleted when everything that was made with it has ended as well.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    alter table api_tokens add column made_with uuid;
    create index api_tokens_made_with on api_tokens (made_with) where made_with is not null;
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
