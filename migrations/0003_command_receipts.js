/**
 * What commands keep beside the log: receipts of commands with an idempotency key, and names that must be
 * unique across streams.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table command_receipts (
      user_id uuid not null,
      key text not null,
      -- what was asked: the same key with something else is refused
      fingerprint bytea not null,
      -- null while the command runs, or when the process died before it could say
      outcome jsonb,
      created_at timestamptz not null default now(),
      primary key (user_id, key)
    );
    create index command_receipts_age on command_receipts (created_at);

    create table reservations (
      name text primary key,
      owner uuid not null,
      reserved_at timestamptz not null default now()
    );
    create index reservations_owner on reservations (owner);
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
