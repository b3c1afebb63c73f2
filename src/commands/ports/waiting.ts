import { setTimeout as sleep } from 'node:timers/promises';
import { stoppedWaiting } from './eventStore.js';

/** Waits, in milliseconds. When the signal aborts it ends at once, without an error: whoever waits looks at it. */
export const pause = async (ms: number, signal?: AbortSignal): Promise<void> => {
  if (ms > 0) await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
};

/** Waits for what ends by itself, but not for longer; it goes on, and the process may end meanwhile. */
export const atMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
  await Promise.race([work, sleep(ms, undefined, { ref: false })]);
};

/** Longer and longer waits between attempts that fail. */
export interface BackOff {
  /** The next wait, in milliseconds; the one after it is twice as long. */
  next(): number;
  wait(signal: AbortSignal): Promise<void>;
  /** An attempt has succeeded: the next wait is the first again. */
  reset(): void;
}

/**
 * Waits from `firstMs` to `lastMs`. Each is shortened by up to a half, at random: what failed for many at once is not
 * tried again by all of them at once.
 */
export const createBackOff = (firstMs: number, lastMs: number): BackOff => {
  let ms = firstMs;
  const next = (): number => {
    const shortened = ms * (0.5 + Math.random() / 2);
    ms = Math.min(ms * 2, lastMs);
    return shortened;
  };
  return {
    next,
    wait: (signal) => pause(next(), signal),
    reset: () => {
      ms = firstMs;
    },
  };
};

/** Stops waiting at the signal; what is waited for goes on. @throws {EventStoreError} `aborted` or `timeout` */
export const unlessStopped = <T>(result: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      reject(stoppedWaiting(signal));
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const leave = () => {
      signal.removeEventListener('abort', stop);
    };
    result.then(leave, leave);
    result.then(resolve, reject);
  });
