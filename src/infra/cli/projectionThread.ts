import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LogPlace } from '../composition.js';

/** What the thread is told: where the database and the log are. */
export interface ThreadData {
  readonly connectionString: string;
  readonly connections: number;
  readonly log: LogPlace;
  /** `REELLOG_ON_POISON`. */
  readonly onPoison: string;
  readonly logLevel: string;
}

/** Read models being kept up to date in a thread of their own. */
export interface ProjectionThread {
  /** Aborts, with the reason, when the thread has failed. */
  readonly failed: AbortSignal;
  stop(): Promise<void>;
}

/** Most of what a page of events makes lives no longer than the page: room for it spares collecting garbage. */
const YOUNG_MB = 192;
const STOP_MS = 10_000;

/**
 * Runs the projection engine beside this thread, so that a bulk import's commands and its read models have a core
 * each. Where another process leads, it stands by.
 */
export const startProjectionThread = (data: ThreadData): ProjectionThread => {
  const worker = new Worker(new URL('./projectionThreadMain.js', import.meta.url), {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const failed = new AbortController();
  worker.once('error', (error) => {
    failed.abort(error);
  });
  const exited = once(worker, 'exit').catch(() => undefined);
  return {
    failed: failed.signal,
    stop: async () => {
      worker.postMessage('stop');
      const late = setTimeout(() => void worker.terminate(), STOP_MS);
      await exited;
      clearTimeout(late);
    },
  };
};
