/**
 * The journal of scheduled work: what ran when, where, and how it ended.
 * @param {import('knex').Knex} knex
 */
export const up = async (knex) => {
  await knex.raw(`
    create table job_runs (
      id bigint generated always as identity primary key,
      job text not null,
      -- the moment it was scheduled for: of several processes one runs it
      due_at timestamptz not null,
      started_at timestamptz not null default now(),
      ended_at timestamptz,
      outcome text check (outcome in ('done', 'failed', 'timed-out', 'stopped', 'lost')),
      -- what it did, or why it failed
      detail text,
      -- host and process id
      process text not null,
      unique (job, due_at)
    );
    create index job_runs_age on job_runs (started_at);
  `);
};

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
