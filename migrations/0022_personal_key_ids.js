/**
 * Keys of personal text have ids, which the text names: a key that is missing is told from one that was destroyed, and
 * a person whose key was lost can have another without the texts of the lost one being taken for tampered with.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    alter table personal_keys add column id uuid;
    -- The same in every database that the key was copied to.
    update personal_keys
      set id = case when key is null then gen_random_uuid()
               else substr(encode(sha256(key), 'hex'), 1, 32)::uuid end;
    alter table personal_keys
      alter column id set not null,
      alter column id set default gen_random_uuid(),
      drop constraint personal_keys_pkey,
      add primary key (id);
    create index personal_keys_of_person on personal_keys (user_id);
  `);
};

/** Keys are never taken back. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
