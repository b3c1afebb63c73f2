/**
 * Takes events of another log as they are there, their times included.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    -- The next events of a copy, in one commit:
    --   [{"s": stream, "r": revision, "i": id, "t": type, "d": data, "m": metadata, "a": time}]
    -- Refused, by raising, where the log has gone on without the copy (RL002), and where an event is not the
    -- next of its stream (RL003).
    create function log.copy(after_position bigint, events json) returns bigint
    language plpgsql
    -- Looked up by index whatever the planner knows of a table that grows.
    set enable_seqscan = off
    as $$
    declare
      was log.head%rowtype;
      added bigint;
      newest timestamptz(3);
      misplaced text;
    begin
      -- The lock first, as in log.append.
      select * into was from log.head for update;
      if was.position <> after_position then
        raise exception 'the log is at position %, not at %', was.position, after_position
          using errcode = 'RL002';
      end if;

      with placed as materialized (
        select after_position + e.n as position, e.s as stream, e.r as revision, e.i as id, e.t as type,
               e.d as data, e.m as metadata, e.a as recorded_at,
               row_number() over (partition by e.s order by e.n) + coalesce(newest.revision, -1) as due
        from rows from (
          json_to_recordset(events)
            as (s text, r bigint, i uuid, t text, d json, m json, a timestamptz(3))
        ) with ordinality as e (s, r, i, t, d, m, a, n)
        left join lateral (
          -- by events_stream_revision
          select l.revision from log.events l
          where l.stream = e.s collate "C" order by l.revision desc limit 1
        ) newest on true
      ),
      inserted as (
        insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
        select p.position, p.stream, p.revision, p.id, p.type, p.data, p.metadata, p.recorded_at
        from placed p where p.revision = p.due
      )
      select count(*), max(p.recorded_at),
             (array_agg(format('%s has revision %s, where %s is due', p.stream, p.revision, p.due)
                        order by p.position) filter (where p.revision <> p.due))[1]
        into added, newest, misplaced from placed p;
      if misplaced is not null then
        raise exception '%', misplaced using errcode = 'RL003';
      end if;

      -- A time of a later append is never before one that was copied.
      update log.head
        set position = after_position + added, recorded_at = greatest(was.recorded_at, newest);
      perform pg_notify('reellog_log', (after_position + added)::text);
      return after_position + added;
    end $$;
  `);
};

/** The history is never taken back. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
