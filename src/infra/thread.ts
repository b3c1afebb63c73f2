import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LogPlace } from './config/config.js';

/** What a thread is told: where the database and the log are. */
export interface ThreadData {
  readonly connectionString: string;
  readonly connections: number;
  readonly log: LogPlace;
  /** `REELLOG_ON_POISON`. */
  readonly onPoison: string;
  readonly logLevel: string;
}

/** Work being done in a thread of its own, with connections of its own. */
export interface RunningThread {
  /** Aborts, with the reason, when the thread has failed. */
  readonly failed: AbortSignal;
  /** Resolves when the thread has ended, well or not. */
  readonly ended: Promise<void>;
  /** For messages to it and from it. */
  readonly port: Pick<Worker, 'on' | 'postMessage'>;
  stop(): Promise<void>;
}

/** How much memory JavaScript may take in a thread, in megabytes. */
export interface ThreadMemory {
  /** Most of what a page of events makes lives no longer than the page: room for it spares collecting garbage. */
  readonly maxYoungGenerationSizeMb: number;
  /** Default: what Node gives. */
  readonly maxOldGenerationSizeMb?: number;
}

const STOP_MS = 10_000;

/** Runs a module in a thread until it ends or is told to stop by a message; killed when it does not hear. */
export const startThread = (
  main: URL,
  data: ThreadData,
  resourceLimits: ThreadMemory,
): RunningThread => {
  const worker = new Worker(main, { workerData: data, resourceLimits });
  const failed = new AbortController();
  worker.once('error', (error) => {
    failed.abort(error);
  });
  const ended = once(worker, 'exit').then(
    () => undefined,
    () => undefined,
  );
  return {
    failed: failed.signal,
    ended,
    port: worker,
    stop: async () => {
      worker.postMessage('stop');
      const late = setTimeout(() => void worker.terminate(), STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
};
