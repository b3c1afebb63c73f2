/**
 * The event log: one row per event, a gapless position over all of them, append-only.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create schema log;

    -- The one row that every append locks: positions are handed out, in order, only by who holds it.
    create table log.head (
      one_row boolean primary key default true check (one_row),
      position bigint not null,
      recorded_at timestamptz(3) not null
    ) with (fillfactor = 10);
    insert into log.head (position, recorded_at) values (0, 'epoch');

    -- json rather than jsonb: stored as written, cheaper to append, and read whole.
    create table log.events (
      position bigint not null,
      stream text collate "C" not null,
      revision bigint not null check (revision >= 0),
      id uuid not null,
      type text collate "C" not null,
      data json not null,
      metadata json not null,
      recorded_at timestamptz(3) not null,
      constraint events_position primary key (position),
      constraint events_stream_revision unique (stream, revision),
      constraint events_id unique (id)
    );

    create function log.refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'the event log is append-only: % is refused', tg_op
        using errcode = 'restrict_violation';
    end $$;
    create trigger events_append_only before update or delete on log.events
      for each row execute function log.refuse_change();
    create trigger events_never_truncated before truncate on log.events
      for each statement execute function log.refuse_change();
  `);

  await knex.raw(`
    -- A group of appends, each to a stream of its own, in one call and one commit. Each event says to which
    -- stream it goes and what its append expects, and beside it stands the number of its append (1, 2, ...):
    --   [{"s": stream, "x": expected, "i": id, "t": type, "d": data, "m": metadata}], {1}
    -- expected: a revision, -1 for no stream, -2 for any, -3 for a stream that exists.
    -- Each append succeeds or fails by itself. Outcomes:
    --   appended, duplicate (the ids are there: the first answer), wrong-revision, foreign-id (an id is
    --   known elsewhere or only in part).
    create function log.append(events json, nths int[])
    returns table (nth int, outcome text, last_revision bigint, last_position bigint)
    language plpgsql
    -- Looked up by index whatever the planner knows of a table that grows.
    set enable_seqscan = off
    as $$
    #variable_conflict use_column
    declare
      was log.head%rowtype;
      moment timestamptz(3);
      added bigint := 0;
      answer record;
    begin
      -- Lock before anything is read: each statement below takes its own snapshot, after the lock, and so
      -- sees every event below head.position. Read first, and two writers hand out the same position.
      select * into was from log.head for update;
      -- Time in the log never goes back, even if the clock does.
      moment := greatest(was.recorded_at, clock_timestamp());

      -- One pass over the events, without joins between them: a group of hundreds costs little more an event
      -- than a small one.
      for answer in
        with incoming as (
          select e.nth, e.place, e.s as stream, e.x as expected, e.i as id, e.t as type, e.d as data,
                 e.m as metadata, coalesce(newest.revision, -1) as actual,
                 known.stream as known_stream, known.revision as known_revision,
                 known.position as known_position
          from rows from (
            json_to_recordset(events) as (s text, x bigint, i uuid, t text, d json, m json),
            unnest(nths)
          ) with ordinality as e (s, x, i, t, d, m, nth, place)
          left join lateral (
            -- by events_stream_revision
            select n.revision from log.events n
            where n.stream = e.s collate "C" order by n.revision desc limit 1
          ) newest on true
          left join lateral (
            -- by events_id
            select k.stream, k.revision, k.position from log.events k where k.id = e.i limit 1
          ) known on true
        ),
        appends as (
          select *, row_number() over (partition by nth order by place) as nth_event,
                 count(*) over whole as amount, count(known_stream) over whole as known,
                 bool_and(known_stream = stream) over whole as at_home,
                 max(known_revision) over whole as last_known_revision,
                 max(known_position) over whole as last_known_position
          from incoming
          window whole as (partition by nth)
        ),
        verdict as (
          select *,
            case
              when known = amount and at_home then 'duplicate'
              when known > 0 then 'foreign-id'
              when expected = -2 or expected = actual or (expected = -3 and actual >= 0)
                then 'appended'
              else 'wrong-revision'
            end as outcome
          from appends
        ),
        placed as materialized (
          select *, count(*) filter (where outcome = 'appended') over (order by place) as up_to
          from verdict
        ),
        inserted as (
          insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
          select was.position + up_to, stream, actual + nth_event, id, type, data, metadata, moment
          from placed where outcome = 'appended'
        )
        select nth, outcome,
          case outcome when 'appended' then actual + amount
                       when 'duplicate' then last_known_revision else actual end as last_revision,
          case outcome when 'appended' then was.position + up_to
                       when 'duplicate' then last_known_position end as last_position,
          case outcome when 'appended' then amount else 0 end as events
        from placed where nth_event = amount
      loop
        nth := answer.nth;
        outcome := answer.outcome;
        last_revision := answer.last_revision;
        last_position := answer.last_position;
        added := added + answer.events;
        return next;
      end loop;

      if added > 0 then
        update log.head set position = was.position + added, recorded_at = moment;
        perform pg_notify('reellog_log', (was.position + added)::text);
      end if;
    end $$;

    -- The same for a lone append that finds nothing in its way: half the work of log.append. Anything else
    -- (another revision than expected, a known id) raises, which undoes it, and the caller asks log.append.
    create function log.append_alone(
      target text, expected bigint, events json, out last_revision bigint, out last_position bigint
    )
    language plpgsql
    set enable_seqscan = off
    as $$
    declare
      amount bigint := json_array_length(events);
      moment timestamptz(3);
    begin
      -- The lock first, as in log.append.
      update log.head h
        set position = h.position + amount, recorded_at = greatest(h.recorded_at, clock_timestamp())
        returning h.position, h.recorded_at into last_position, moment;
      -- by events_stream_revision
      select e.revision into last_revision from log.events e
        where e.stream = target collate "C" order by e.revision desc limit 1;
      last_revision := coalesce(last_revision, -1);
      if not (expected = last_revision or expected = -2 or (expected = -3 and last_revision >= 0)) then
        raise exception 'not plainly appendable' using errcode = 'RL001';
      end if;
      insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
        select last_position - amount + e.n, target, last_revision + e.n, e.i, e.t, e.d, e.m, moment
        from rows from (json_to_recordset(events) as (i uuid, t text, d json, m json))
             with ordinality as e (i, t, d, m, n);
      last_revision := last_revision + amount;
      perform pg_notify('reellog_log', last_position::text);
    end $$;
  `);
};

/** The history is never taken back. */

export const down = () => Promise.reject(new Error('migrations go forward only'));
