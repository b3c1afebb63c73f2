import { schedule, type ScheduledTask } from 'node-cron';
import type { Logger } from 'pino';
import type { WorkAbout, WorkQueue } from '../../commands/ports/workQueue.js';
import type { RebuildStore } from '../../projections/ports/rebuildStore.js';
import type { ScratchSites } from '../../projections/ports/verification.js';
import type { Database } from '../postgres/database.js';
import { LockSession } from '../postgres/lockSession.js';
import { forgetRebuilds } from './forgetRebuilds.js';
import { forgetReceipts, forgetRuns, forgetTokens } from './forgetting.js';
import type { Job } from './job.js';
import { createJobJournal, type JobRun } from './journal.js';
import { task, type Task } from './queue/task.js';
import { createRunner, type Ran } from './runner.js';

/** A job as operators see it. */
export interface JobStatus extends Pick<Job, 'name' | 'meaning' | 'schedule'> {
  readonly last?: JobRun;
}

/** There is no job of that name. */
export class UnknownJob extends Error {
  override readonly name = 'UnknownJob';
}

/** Scheduled work. */
export interface Jobs {
  /** From now on jobs are run when they are due, and at once where they have not been for too long. */
  start(): void;
  /** Has a job run as if it were due now, and does not wait for it. @throws {UnknownJob} */
  request(name: string): JobStatus;
  /** Runs jobs that the clock put in the queue. */
  readonly task: Task;
  /** Runs a job now, by its name or one that is not as it is scheduled. @throws {UnknownJob} */
  run(job: string | Job, signal: AbortSignal): Promise<Ran>;
  list(): Promise<readonly JobStatus[]>;
  /** The journal, the newest first. @throws {UnknownJob} */
  runs(options: { readonly job?: string; readonly limit: number }): Promise<readonly JobRun[]>;
  /** Runs nothing more; what runs is stopped, and waited for. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Each job has a limit of its own, and a shorter one. */
const LONGEST_MS = HOUR_MS;

/** Every job there is. */
const jobsOf = (
  database: Database,
  { rebuilds, scratch, receiptDays, retiredDays }: ForJobs,
): readonly Job[] => [
  forgetReceipts(database, receiptDays),
  forgetTokens(database),
  forgetRuns(database),
  forgetRebuilds(rebuilds, scratch, retiredDays),
];

/** What the jobs work with beside the database. */
interface ForJobs {
  readonly rebuilds: Pick<RebuildStore, 'dropOutlived'>;
  readonly scratch: Pick<ScratchSites, 'dropLeftOvers'>;
  /** How long a command is answered as it was the first time. */
  readonly receiptDays: number;
  /** How long rows are kept that a rebuild replaced. */
  readonly retiredDays: number;
}

export const createJobs = (
  dependencies: {
    readonly database: Database;
    readonly logger: Logger;
    /** Default: every job that there is in every service. */
    readonly jobs?: readonly Job[];
    /** Those that there are where something is configured. */
    readonly others?: readonly Job[];
    /** Where jobs wait for their turn when they are due; without one the process whose clock says so runs them. */
    readonly queue?: () => Pick<WorkQueue, 'add'> | undefined;
  } & ForJobs,
): Jobs => {
  const { database, logger, others = [], queue = () => undefined } = dependencies;
  const jobs = [...(dependencies.jobs ?? jobsOf(database, dependencies)), ...others];
  const locks = new LockSession(database);
  const journal = createJobJournal(database);
  const runJob = createRunner({ locks, journal, logger });
  const stopping = new AbortController();
  const tasks: ScheduledTask[] = [];
  const running = new Set<Promise<unknown>>();

  const known = (name: string): Job => {
    const found = jobs.find((job) => job.name === name);
    if (found) return found;
    const names = jobs.map((job) => job.name).join(', ');
    throw new UnknownJob(`There is no job "${name}". There are: ${names}.`);
  };

  const runOrQueue = async (job: Job, dueAt: Date): Promise<void> => {
    const waiting = queue();
    if (!waiting) await runJob(job, dueAt, stopping.signal);
    else await waiting.add([{ kind: 'run-job', job: job.name, dueAt: dueAt.toISOString() }]);
  };

  /** Once more for the same moment where that failed. @throws {Error} it failed: to be tried again */
  const runQueued = async (about: WorkAbout<'run-job'>, signal: AbortSignal): Promise<string> => {
    const job = known(about.job);
    const dueAt = new Date(about.dueAt);
    const signals = AbortSignal.any([signal, stopping.signal]);
    const isAgain = (await journal.hasBegun(job.name, dueAt)) === 'not-done';
    const ran = await runJob(job, isAgain ? new Date() : dueAt, signals);
    if (!ran.ran) return ran.why;
    if (ran.outcome === 'done') return ran.detail;
    throw new Error(`${job.name}: ${ran.outcome}, ${ran.detail}`);
  };

  const runScheduled = (job: Job, dueAt: Date): void => {
    if (stopping.signal.aborted) return;
    const run = runOrQueue(job, dueAt).catch((error: unknown) => {
      // It is due again: the database may just have been away.
      logger.error({ err: error, job: job.name }, 'a job could not be run');
    });
    running.add(run);
    void run.finally(() => running.delete(run));
  };

  /** What was due while nobody was there; of several that start together one runs it. */
  const catchUp = async (): Promise<void> => {
    const lastDone = await journal.lastDone();
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    for (const job of jobs) {
      const last = lastDone.get(job.name)?.getTime() ?? 0;
      if (Date.now() - last > job.everyMs + HOUR_MS) runScheduled(job, new Date(hour));
    }
  };

  return {
    start: () => {
      for (const job of jobs) {
        const due = ({ date }: { readonly date: Date }) => {
          runScheduled(job, new Date(Math.floor(date.getTime() / 1000) * 1000));
        };
        tasks.push(schedule(job.schedule, due, { name: job.name, timezone: 'UTC', unref: true }));
      }
      const catching = catchUp().catch((error: unknown) => {
        logger.error({ err: error }, 'jobs that were due could not be looked up');
      });
      running.add(catching);
      void catching.finally(() => running.delete(catching));
    },
    request: (name) => {
      const job = known(name);
      runScheduled(job, new Date());
      return { name: job.name, meaning: job.meaning, schedule: job.schedule };
    },
    task: task('run-job', runQueued, { limitMs: LONGEST_MS }),
    run: async (job, signal) =>
      runJob(
        typeof job === 'string' ? known(job) : job,
        new Date(),
        AbortSignal.any([signal, stopping.signal]),
      ),
    list: () =>
      Promise.all(
        jobs.map(async ({ name, meaning, schedule: when }) => {
          const [last] = await journal.runs({ job: name, limit: 1 });
          return { name, meaning, schedule: when, ...(last ? { last } : {}) };
        }),
      ),
    runs: async ({ job, limit }) =>
      journal.runs({ ...(job === undefined ? {} : { job: known(job).name }), limit }),
    stop: async () => {
      stopping.abort();
      for (const task of tasks.splice(0)) await task.destroy();
      // What runs may start the next while it ends.
      while (running.size > 0) await Promise.all(running);
      await locks.close();
    },
  };
};
