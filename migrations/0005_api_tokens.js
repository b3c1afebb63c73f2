/**
 * Bearer tokens of the API. Only a hash is stored: a token of 256 random bits needs no salt.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table api_tokens (
      id uuid primary key,
      user_id uuid not null,
      name text not null,
      scopes text[] not null check (scopes <@ array['read', 'write']),
      hash bytea not null unique,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz
    );
    create index api_tokens_user on api_tokens (user_id);
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
