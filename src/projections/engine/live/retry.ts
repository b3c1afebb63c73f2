import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** Waits twice as long after every attempt that failed, up to 5 seconds; not at all once the signal aborts. */
export const untilNextTry = async (attempts: number, signal: AbortSignal): Promise<void> => {
  const wait = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS);
  await sleep(wait, undefined, { signal }).catch(() => undefined);
};
