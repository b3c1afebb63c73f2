import { setTimeout as sleep } from 'node:timers/promises';

/** Of what never comes: a busy machine may take long, and waits that succeed do not last longer for it. */
const LIMIT_MS = 60_000;
const PAUSE_MS = 10;

/** Waits until the check passes; fails with the check's own error, or what it was waiting for. */
export const eventually = async (
  what: string,
  check: () => boolean | Promise<boolean>,
): Promise<void> => {
  const end = Date.now() + LIMIT_MS;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(PAUSE_MS);
  }
};
