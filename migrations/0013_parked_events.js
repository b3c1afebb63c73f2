/**
 * Events that a read model could not be given: set aside with the reason, so that it goes on without them, and
 * what was done about them since.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table projections.parked_events (
      id bigint generated always as identity primary key,
      projection text not null,
      -- Of the read model, when it was last tried.
      version integer not null,
      event_id uuid not null,
      -- In the log that was followed when it was parked; the stream and the revision are the same in every copy.
      position bigint not null,
      stream text not null,
      revision bigint not null,
      type text not null,
      recorded_at timestamptz not null,
      -- parked: missing in the rows; applied: projected late; rebuilt: in the rows of a build since; discarded:
      -- left out for good, by rebuilds as well.
      state text not null check (state in ('parked', 'applied', 'rebuilt', 'discarded')),
      error text,
      -- Where it came from: stack and causes.
      detail text,
      attempts integer not null default 0,
      first_failed_at timestamptz,
      last_failed_at timestamptz,
      parked_at timestamptz,
      settled_at timestamptz,
      -- The schema of the build whose rows have it.
      build text,
      unique (projection, event_id)
    );
    create index parked_events_parked on projections.parked_events (projection, position)
      where state = 'parked';

    -- Who did what about one of them, and what came of it.
    create table projections.parked_acts (
      id bigint generated always as identity primary key,
      parked_id bigint not null references projections.parked_events on delete cascade,
      at timestamptz not null default now(),
      actor text not null,
      act text not null check (act in ('park', 'retry', 'discard', 'rebuild', 'roll-back')),
      outcome text not null,
      detail text
    );
    create index parked_acts_of on projections.parked_acts (parked_id, id);
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
