import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { inTurns, median, medianRatio } from './rounds.js';
import type { BenchRow } from './row.js';

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 16;
const EXPRESS = 'Express 5 sending the same bytes';
const REELLOG = 'Reellog';

/** What a server process tells when it is ready. */
export interface Ready {
  readonly url: string;
  readonly token?: string;
  readonly body?: string;
}

const start = async (
  script: string,
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly ready: Ready }> => {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [...args]);
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`${script} ended before it was ready`);
    }),
  ])) as [Ready];
  return { child, ready };
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.send('stop');
  await gone;
};

const load = async (url: string, token: string): Promise<number> => {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { authorization: `Bearer ${token}` },
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`);
  }
  // So that units divided by the time that inTurns measures come to what autocannon counted.
  return result.requests.total;
};

/** A film that is in the cache, beside the least that an Express server could do for the same request. */
export const httpCached: BenchRow = {
  name: 'http.cached',
  about: `GET of a film that is in the cache, ${CONNECTIONS} connections`,
  run: async (report) => {
    const reellog = await start('./servers/reellogServer.ts', []);
    try {
      const { url, token = '', body = '' } = reellog.ready;
      const express = await start('./servers/expressServer.ts', [new URL(url).pathname, body]);
      try {
        const rates = await inTurns(
          [
            { name: REELLOG, work: () => load(url, token) },
            { name: EXPRESS, work: () => load(express.ready.url, token) },
          ],
          ROUNDS,
          report,
        );
        const ours = rates.get(REELLOG) ?? [];
        const theirs = rates.get(EXPRESS) ?? [];
        return {
          value: median(ours),
          unit: 'requests/s',
          against: [
            { name: EXPRESS, value: median(theirs), ratio: medianRatio(ours, theirs), least: 0.85 },
          ],
          note: `${body.length} bytes, signed in, with all headers`,
        };
      } finally {
        await stop(express.child);
      }
    } finally {
      await stop(reellog.child);
    }
  },
};
