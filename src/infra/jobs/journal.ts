import { hostname } from 'node:os';
import type { Database } from '../postgres/database.js';

/** How a run ended. `lost`: its process died, and did not say. */
export type JobOutcome = 'done' | 'failed' | 'timed-out' | 'stopped' | 'lost';

/** One run of a job. */
export interface JobRun {
  readonly id: bigint;
  readonly job: string;
  readonly startedAt: Date;
  /** Absent while it runs. */
  readonly endedAt?: Date;
  readonly outcome?: JobOutcome;
  /** What it did, or why it failed. */
  readonly detail?: string;
  /** Host and process id. */
  readonly process: string;
}

/** The journal of what jobs did. */
export interface JobJournal {
  /**
   * Writes that a job begins, for whoever holds its lock.
   * @returns the run; `undefined` where the job has been run for that moment
   */
  begin(job: string, dueAt: Date): Promise<bigint | undefined>;
  /** Whether a job has been run for that moment, and whether it is done with it; `undefined`: not yet. */
  hasBegun(job: string, dueAt: Date): Promise<'done' | 'not-done' | undefined>;
  end(id: bigint, outcome: JobOutcome, detail: string): Promise<void>;
  /** The newest first. */
  runs(options: { readonly job?: string; readonly limit: number }): Promise<readonly JobRun[]>;
  /** The last run of each job that ended well. */
  lastDone(): Promise<ReadonlyMap<string, Date>>;
}

interface RunRow {
  readonly id: bigint;
  readonly job: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: JobOutcome | null;
  readonly detail: string | null;
  readonly process: string;
}

export const createJobJournal = (database: Database): JobJournal => ({
  begin: (job, dueAt) =>
    database.transaction(async (tx) => {
      // Whoever begins holds the lock: nobody else runs it.
      await tx.query({
        text: `update job_runs set ended_at = now(), outcome = 'lost'
               where job = $1 and ended_at is null`,
        values: [job],
      });
      const [run] = await tx.query<{ id: bigint }>({
        text: `insert into job_runs (job, due_at, process) values ($1, $2, $3)
               on conflict (job, due_at) do nothing returning id`,
        values: [job, dueAt, `${hostname()}/${process.pid}`],
      });
      return run?.id;
    }),
  hasBegun: async (job, dueAt) => {
    const [run] = await database.query<{ done: boolean }>({
      text: `select outcome is not distinct from 'done' as done from job_runs
             where job = $1 and due_at = $2`,
      values: [job, dueAt],
    });
    return run && (run.done ? 'done' : 'not-done');
  },
  end: async (id, outcome, detail) => {
    await database.query({
      text: 'update job_runs set ended_at = now(), outcome = $2, detail = $3 where id = $1',
      values: [id, outcome, detail],
    });
  },
  runs: async ({ job, limit }) => {
    const rows = await database.query<RunRow>({
      text: `select id, job, started_at as "startedAt", ended_at as "endedAt", outcome, detail, process
             from job_runs where $1::text is null or job = $1 order by id desc limit $2`,
      values: [job ?? null, limit],
    });
    return rows.map(({ endedAt, outcome, detail, ...run }) => ({
      ...run,
      ...(endedAt ? { endedAt } : {}),
      ...(outcome ? { outcome } : {}),
      ...(detail ? { detail } : {}),
    }));
  },
  lastDone: async () => {
    const rows = await database.query<{ job: string; at: Date }>({
      text: `select job, max(started_at) as at from job_runs where outcome = 'done' group by job`,
    });
    return new Map(rows.map(({ job, at }) => [job, at]));
  },
});
