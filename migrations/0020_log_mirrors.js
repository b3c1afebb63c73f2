/**
 * Mirrors of logs in EventStoreDB: what everything that reads the log reads. A mirror has a schema of its own, so that
 * it can be built again beside the one that is read.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table log.mirrors (
      id int generated always as identity primary key,
      -- The log's identity, as the server keeps it.
      server text not null,
      -- 1, and one more each time that the mirror was built again.
      generation int not null,
      made_at timestamptz not null default now(),
      -- The one that is read; another is being built.
      serves boolean not null default true,
      unique (server, generation)
    );
    create unique index mirrors_serving on log.mirrors (server) where serves;

    create function log.create_mirror(schema_name text) returns void language plpgsql as $$
    begin
      execute format($ddl$
        create schema %1$I;
        create table %1$I.head (
          one_row boolean primary key default true check (one_row),
          -- Of the last event: how many there are, and where it stands on the server.
          ordinal bigint not null default 0,
          position bigint not null default 0,
          prepare bigint not null default 0,
          event_id uuid,
          -- The pair that the server gave for how far it has looked: where to go on.
          reached_commit bigint,
          reached_prepare bigint,
          -- Whether it has caught up, and when that was last known to be so.
          live boolean not null default false,
          live_at timestamptz,
          -- Why nothing may be read or written: the server has not the past that is in here.
          fault text
        ) with (fillfactor = 10);
        insert into %1$I.head default values;
        create table %1$I.events (
          ordinal bigint not null,
          position bigint not null,
          stream text collate "C" not null,
          revision bigint not null,
          id uuid not null,
          type text collate "C" not null,
          data json not null,
          metadata json not null,
          recorded_at timestamptz(3) not null,
          constraint events_position primary key (position),
          constraint events_ordinal unique (ordinal),
          constraint events_stream_revision unique (stream, revision)
        );
        create trigger events_append_only before update or delete on %1$I.events
          for each row execute function log.refuse_change();
        create trigger events_never_truncated before truncate on %1$I.events
          for each statement execute function log.refuse_change();
      $ddl$, schema_name);
    end $$;
  `);
};

/** The history is never taken back. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
