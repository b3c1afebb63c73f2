import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
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
  /** Of one half of the young generation, where most of what a page of events makes is born and dies. */
  readonly semiSpace: number;
  /** Of all that lives longer: who needs more is ended. Default: what Node gives. */
  readonly oldGeneration?: number;
  /** As much of that is filled before it is collected at all; a small limit alone has it collected often. */
  readonly oldAtFirst?: number;
}

const STOP_MS = 10_000;

/** Runs a module in a thread until it ends or is told to stop by a message; killed when it does not hear. */
export const startThread = (
  main: URL,
  data: ThreadData,
  { semiSpace, oldGeneration, oldAtFirst = 0 }: ThreadMemory,
): RunningThread => {
  // What the process was started with, as by `npm start`, would hold for each thread, whatever its limits say.
  setFlagsFromString(`--max-semi-space-size=${semiSpace}`);
  setFlagsFromString(`--initial-old-space-size=${oldAtFirst}`);
  const worker = new Worker(main, {
    workerData: data,
    resourceLimits: oldGeneration === undefined ? {} : { maxOldGenerationSizeMb: oldGeneration },
  });
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
