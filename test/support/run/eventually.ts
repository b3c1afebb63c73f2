import { setTimeout as sleep } from 'node:timers/promises';

/** Of what never comes: a busy machine may take long, and waits that succeed do not last longer for it. */
const LIMIT_MS = 60_000;
/** What is awaited must not be slowed down by being looked at: the longer it takes, the longer between two looks. */
const PAUSE_MS = { least: 10, most: 40 };
const OF_THE_WAIT = 0.1;

/** Waits until the check passes; fails with the check's own error, or what it was waiting for. */
export const eventually = async (
  what: string,
  check: () => boolean | Promise<boolean>,
): Promise<void> => {
  const began = Date.now();
  while (!(await check())) {
    const waited = Date.now() - began;
    if (waited > LIMIT_MS) throw new Error(`waited in vain: ${what}`);
    await sleep(Math.min(Math.max(waited * OF_THE_WAIT, PAUSE_MS.least), PAUSE_MS.most));
  }
};
