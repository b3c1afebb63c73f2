import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchRow } from './row.js';
import { withTemporaryFolder } from './temporaryServer.js';

const run = promisify(execFile);
const LEAST_EVENTS_PER_SECOND = 8_000;
const LIMIT_MS = 10 * 60_000;

const cli = fileURLToPath(new URL('../dist/infra/cli/main.js', import.meta.url));
const FOLDER =
  process.env.REELLOG_BENCH_MOVIELENS ??
  fileURLToPath(new URL('../../shared/data/datasets/ml-latest-small', import.meta.url));

/** The whole import as its user runs it: commands, log, and every read model up to the last event. */
export const importMovieLens: BenchRow = {
  name: 'import.movielens',
  about: 'all of MovieLens through the commands, to the last read model',
  run: async (report) => {
    await access(FOLDER).catch((error: unknown) => {
      throw new Error(
        `MovieLens (ml-latest-small) is not in ${FOLDER}: say where it is with REELLOG_BENCH_MOVIELENS.`,
        { cause: error },
      );
    });
    const summary = await withTemporaryFolder(async (dataDir) => {
      report('importing');
      const { stdout } = await run(
        process.execPath,
        [
          ...process.execArgv.filter((flag) => flag.startsWith('--max-semi')),
          cli,
          'import',
          'movielens',
          FOLDER,
          '--json',
        ],
        { env: { ...process.env, REELLOG_DATA_DIR: dataDir }, timeout: LIMIT_MS },
      );
      return JSON.parse(stdout) as { events: number; seconds: number; eventsPerSecond: number };
    });
    return {
      value: summary.eventsPerSecond,
      unit: 'events/s',
      against: [],
      least: LEAST_EVENTS_PER_SECOND,
      note: `${summary.events} events in ${summary.seconds.toFixed(1)} s`,
    };
  },
};
