/**
 * One key per person for the personal text in their events. Destroying a key erases the text from an
 * append-only history.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table personal_keys (
      user_id uuid primary key,
      -- null once destroyed: the row stays, so that no new key is made for a person who was erased
      key bytea,
      created_at timestamptz not null default now(),
      destroyed_at timestamptz,
      check ((key is null) = (destroyed_at is not null))
    );
  `);
};

/** Keys are never taken back. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
