import { PastUnavailable } from '../../queries/ports/pastReadModels.js';

/**
 * Runs so much work at once; a few more wait for their turn, in the order in which they came.
 * @throws {PastUnavailable} there are too many already
 */
export type FewAtOnce = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export const fewAtOnce = (most: number, waiting: number): FewAtOnce => {
  let running = 0;
  const queue: (() => void)[] = [];

  const turn = async (signal: AbortSignal): Promise<void> => {
    if (running < most) {
      running += 1;
      return;
    }
    if (queue.length >= waiting) {
      throw new PastUnavailable('Too many ask about the past at once. Try again in a moment.');
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        queue.splice(queue.indexOf(begin), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      queue.push(begin);
      signal.addEventListener('abort', leave, { once: true });
    });
  };

  return async (work, signal) => {
    signal.throwIfAborted();
    await turn(signal);
    try {
      return await work();
    } finally {
      // The place is handed on, or is free.
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
};
