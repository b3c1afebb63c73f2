import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runReellog } from './commandLine.js';
import { median } from './rounds.js';
import type { BenchRow } from './row.js';
import { withTemporaryFolder } from './temporaryServer.js';

const ROUNDS = 3;
const LEAST_EVENTS_PER_SECOND = 8_000;
const LIMIT_MS = 10 * 60_000;

const FOLDER =
  process.env.REELLOG_BENCH_MOVIELENS ??
  fileURLToPath(new URL('../../shared/data/datasets/ml-latest-small', import.meta.url));

interface Summary {
  readonly events: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
}

const importOnce = (): Promise<Summary> =>
  withTemporaryFolder(async (dataDir) => {
    const args = ['import', 'movielens', FOLDER, '--json'];
    const summary = await runReellog(args, { REELLOG_DATA_DIR: dataDir }, LIMIT_MS);
    return JSON.parse(summary) as Summary;
  });

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
    const summaries: Summary[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const summary = await importOnce();
      report(`${round} of ${ROUNDS}: ${Math.round(summary.eventsPerSecond)}/s`);
      summaries.push(summary);
    }
    return {
      value: median(summaries.map(({ eventsPerSecond }) => eventsPerSecond)),
      unit: 'events/s',
      against: [],
      least: LEAST_EVENTS_PER_SECOND,
      note: `${summaries[0]?.events ?? 0} events`,
    };
  },
};
