import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Begins work at an even pace, however long each takes, until the signal or the first failure.
 * @returns what each came to, once all have ended
 */
export const atAPace = async <T>(
  perSecond: number,
  until: AbortSignal,
  work: (nth: number) => Promise<T>,
): Promise<readonly T[]> => {
  const under: Promise<T>[] = [];
  const failed = new AbortController();
  const started = performance.now();
  for (let nth = 0; !until.aborted && !failed.signal.aborted; nth += 1) {
    const due = started + (nth * 1000) / perSecond - performance.now();
    if (due > 0) await sleep(due);
    const one = work(nth);
    one.catch(() => {
      failed.abort();
    });
    under.push(one);
  }
  await Promise.allSettled(under);
  return Promise.all(under);
};
