import type { Logger } from 'pino';
import type { LockSession } from '../postgres/lockSession.js';
import type { Job } from './job.js';
import type { JobJournal, JobOutcome } from './journal.js';

/** The advisory locks of jobs, apart from others in the database. */
const LOCK_SPACE = 72_371;

/** What a run came to; the job was not run where another process runs it, or has run it for that moment. */
export type Ran =
  | { readonly ran: false; readonly why: 'running' | 'done-already' }
  | { readonly ran: true; readonly outcome: JobOutcome; readonly detail: string };

/** Runs jobs: each in one process at a time, bounded, and written down. */
export type RunJob = (job: Job, dueAt: Date, signal: AbortSignal) => Promise<Ran>;

export const createRunner = (dependencies: {
  readonly locks: Pick<LockSession, 'tryLock'>;
  readonly journal: JobJournal;
  readonly logger: Logger;
}): RunJob => {
  const { locks, journal, logger } = dependencies;

  const attempt = async (job: Job, stopping: AbortSignal) => {
    const limit = AbortSignal.timeout(job.limitMs);
    const signal = AbortSignal.any([stopping, limit]);
    const began = performance.now();
    const took = (): number => Math.round(performance.now() - began);
    try {
      const detail = await job.run(signal);
      logger.info({ job: job.name, ms: took() }, detail);
      return { outcome: 'done', detail } as const;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (limit.aborted || stopping.aborted) {
        const outcome = limit.aborted ? 'timed-out' : 'stopped';
        // At the end of the process that is as it should be.
        const level = limit.aborted ? 'warn' : 'info';
        logger[level]({ job: job.name, ms: took(), outcome }, 'a job was stopped');
        return { outcome, detail: 'stopped before it was done: the next run goes on' } as const;
      }
      logger.error({ err: error, job: job.name, ms: took() }, 'a job failed');
      return { outcome: 'failed', detail: message } as const;
    }
  };

  return async (job, dueAt, signal) => {
    const lock = await locks.tryLock({ space: LOCK_SPACE, name: job.name });
    if (!lock) return { ran: false, why: 'running' };
    try {
      const id = await journal.begin(job.name, dueAt);
      if (id === undefined) return { ran: false, why: 'done-already' };
      const ended = await attempt(job, AbortSignal.any([signal, lock.lost]));
      await journal.end(id, ended.outcome, ended.detail);
      return { ran: true, ...ended };
    } finally {
      // The session that held it may have ended, and the lock with it.
      await lock.release().catch(() => undefined);
    }
  };
};
