import {
  announcedUrl,
  startReellog,
  stopChild,
  type Environment,
} from '../measuring/commandLine.js';
import { fill, withEventStoreDb, type BenchServer } from './eventStoreDb.js';
import { onServer } from '../log/logPlaces.js';
import { median, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';

const OTHERS = 1_000_000;

/** How long a service takes from its start to its address, in seconds. */
const secondsToStart = async (path: string, environment: Environment): Promise<number> => {
  const began = performance.now();
  const child = startReellog(['serve'], { PORT: '0', REELLOG_DATA_DIR: path, ...environment });
  try {
    await announcedUrl(child);
    return (performance.now() - began) / 1_000;
  } finally {
    await stopChild(child);
  }
};

/** Starts after the first, of a service with a log of its own on a server. */
const starts = (
  server: BenchServer,
  report: (progress: string) => void,
): Promise<readonly number[]> =>
  withTemporaryFolder(async (path) => {
    const environment = onServer(server);
    report(`first: ${(await secondsToStart(path, environment)).toFixed(1)} s`);
    const found: number[] = [];
    while (found.length < ROUNDS) found.push(await secondsToStart(path, environment));
    return found;
  });

/** What a million events of others on the server cost whoever starts beside them. */
export const esdbStart: BenchRow = {
  names: ['esdb.start'],
  run: ({ report }) =>
    withEventStoreDb('none', async (server) => {
      const alone = await starts(server, report);
      await fill(server, OTHERS, report);
      const beside = await starts(server, report);
      const note = `${median(beside).toFixed(2)} s, ${median(alone).toFixed(2)} s beside none; ${server.on}`;
      return { 'esdb.start': { value: median(beside) - median(alone), note } };
    }),
};
