/**
 * In which schema the rows of each read model are: a rebuild makes them anew in another one and then changes
 * places. And what rebuilds there are and were, so that any process can see, stop or go on with one.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    -- Until now every read model was in the schema of its name.
    alter table projections.checkpoints add column schema text;
    update projections.checkpoints set schema = name;
    alter table projections.checkpoints alter column schema set not null;

    create table projections.builds (
      id bigint generated always as identity primary key,
      name text not null,
      version integer not null,
      schema text not null unique,
      -- waiting, replaying, indexing, catching-up: under way; served: it is what queries see, or will be again
      -- when the rebuild after it is taken back; retired: it was, until the next; cancelled, failed, dropped.
      state text not null check (state in (
        'waiting', 'replaying', 'indexing', 'catching-up', 'served', 'retired', 'cancelled', 'failed', 'dropped'
      )),
      -- How far the replay has come; it may be ahead of what is committed.
      position bigint not null default 0,
      -- The committed rows are true at this position: an interrupted replay goes on from here. Written in the
      -- transaction of the rows.
      checkpoint bigint not null default 0,
      -- The keys and indexes that are made at the end: [{table, name, isKey, statement}].
      indexes json,
      -- Where the log ended when the replay began.
      target bigint not null default 0,
      events bigint not null default 0,
      events_per_second integer check (events_per_second > 0),
      cancel_requested boolean not null default false,
      -- It was served before and is to be again: it is not dropped when that comes to nothing.
      rolls_back boolean not null default false,
      error text,
      requested_by text not null,
      requested_at timestamptz not null default now(),
      started_at timestamptz,
      updated_at timestamptz not null default now(),
      finished_at timestamptz
    );
    create unique index builds_under_way on projections.builds (name)
      where state in ('waiting', 'replaying', 'indexing', 'catching-up');
    -- One step back, no more.
    create unique index builds_retired on projections.builds (name) where state = 'retired';
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
