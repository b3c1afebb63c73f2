import type { Database } from '../postgres/database.js';
import type { Job } from './job.js';

const DAY_MS = 86_400_000;
const LIMIT_MS = 600_000;
/** Rows deleted in one statement: it holds nobody up for long, and what was deleted stays so when it is stopped. */
const BATCH = 5_000;
/** Tokens that ended are kept for so long: who had one can still be told. */
const TOKEN_DAYS = 30;
const RUN_DAYS = 90;

/** Deletes in batches, until nothing is left or the signal aborts. @returns how many */
const deleteAll = async (
  database: Database,
  statement: { readonly text: string; readonly values: readonly unknown[] },
  signal: AbortSignal,
): Promise<number> => {
  for (let deleted = 0; ;) {
    signal.throwIfAborted();
    const rows = await database.query({
      text: statement.text,
      values: [...statement.values, BATCH],
      signal,
    });
    deleted += rows.length;
    if (rows.length < BATCH) return deleted;
  }
};

const forgetting = (
  database: Database,
  job: Pick<Job, 'name' | 'meaning' | 'schedule'> & {
    readonly what: string;
    readonly text: string;
    readonly days: number;
  },
): Job => ({
  ...{ name: job.name, meaning: job.meaning, schedule: job.schedule },
  ...{ everyMs: DAY_MS, limitMs: LIMIT_MS },
  run: async (signal) => {
    const values = [`${job.days} days`];
    const deleted = await deleteAll(database, { text: job.text, values }, signal);
    return `deleted ${deleted} ${job.what}`;
  },
});

/** A command that appended something is answered as it was all the same: its events tell. Its key is free for another. */
export const forgetReceipts = (database: Database, days: number): Job =>
  forgetting(database, {
    name: 'forget-receipts',
    meaning: `deletes receipts of commands with an Idempotency-Key that are older than ${days} days`,
    schedule: '17 3 * * *',
    what: 'receipts',
    days,
    // By command_receipts_age.
    text: `delete from command_receipts where (user_id, key) in (
             select user_id, key from command_receipts where created_at < now() - $1::interval
             order by created_at limit $2 for update skip locked)
           returning key`,
  });

/** A person's newest token stays, whatever it is: who has none is taken for somebody new. */
export const forgetTokens = (database: Database): Job =>
  forgetting(database, {
    name: 'forget-tokens',
    meaning: `deletes API tokens that ended more than ${TOKEN_DAYS} days ago`,
    schedule: '27 3 * * *',
    what: 'tokens',
    days: TOKEN_DAYS,
    text: `delete from api_tokens where id in (
             select t.id from api_tokens t
             where least(t.revoked_at, t.expires_at) < now() - $1::interval and exists (
               select from api_tokens n
               where n.user_id = t.user_id and (n.created_at, n.id) > (t.created_at, t.id))
             limit $2)
           returning id`,
  });

export const forgetRuns = (database: Database): Job =>
  forgetting(database, {
    name: 'forget-runs',
    meaning: `deletes runs of jobs from the journal that are older than ${RUN_DAYS} days`,
    schedule: '37 3 * * *',
    what: 'runs',
    days: RUN_DAYS,
    // By job_runs_age.
    text: `delete from job_runs where id in (
             select id from job_runs where started_at < now() - $1::interval limit $2)
           returning id`,
  });
