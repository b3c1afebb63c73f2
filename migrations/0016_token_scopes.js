/** The account that an installation begins with, and the name of the token that its first start prints. */
const OWNER_ID = 'b2fc46e1-cad4-59e7-9b4c-34584181021b';

/**
 * Tokens may have the scopes `watch` and `admin`. Those that there are keep what they have: `write` includes
 * `watch`, but nothing gives `admin` to a token that may be in a media player. The token that the first start
 * printed is the exception: it is the operator's own, and was never limited.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    alter table api_tokens drop constraint api_tokens_scopes_check;
    alter table api_tokens add constraint api_tokens_scopes_check
      check (scopes <@ array['read', 'watch', 'write', 'admin']);
  `);
  await knex.raw(
    `update api_tokens set scopes = array['read', 'watch', 'write', 'admin']
     where user_id = ? and name = 'first start' and scopes @> array['read', 'write']`,
    [OWNER_ID],
  );
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
