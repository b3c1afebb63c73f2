import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { announcedUrl, root } from '../measuring/commandLine.js';
import { median, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';

/** Starts as the README says, and stops. @returns the seconds until it said that it is ready */
const startOnce = async (dataDir: string): Promise<number> => {
  const started = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, PORT: '0', REELLOG_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own, which is told to stop as a terminal would.
    detached: true,
  });
  const gone = once(child, 'exit');
  try {
    const url = await announcedUrl(child);
    for (;;) {
      const { status } = await fetch(`${url}/readyz`);
      if (status === 200) return (performance.now() - started) / 1000;
      await sleep(5);
    }
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await gone;
  }
};

/** From `npm start` to an answer that says it is ready, in a data folder with a million events. */
export const startWarm: BenchRow = {
  names: ['start.warm'],
  run: async ({ folders, report }) => {
    const { path } = await folders.million(report);
    const seconds: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const found = await startOnce(path);
      report(
        `${round === 0 ? 'warm-up' : `round ${round}/${ROUNDS}`}: ready after ${found.toFixed(2)} s`,
      );
      if (round > 0) seconds.push(found);
    }
    return { 'start.warm': { value: median(seconds) } };
  },
};
