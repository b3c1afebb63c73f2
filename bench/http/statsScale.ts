import { withService } from '../measuring/commandLine.js';
import { createHttpClient, type HttpClient } from './httpClient.js';
import { held, median, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';

const ASKED = 150;

/** Asks for both people's stats in turns. @returns the median milliseconds of each */
const askBoth = async (
  heavy: HttpClient,
  small: HttpClient,
): Promise<readonly [number, number]> => {
  const times: readonly [number[], number[]] = [[], []];
  for (let nth = 0; nth < ASKED; nth += 1) {
    times[0].push((await heavy.get('/api/v1/me/stats')).ms);
    times[1].push((await small.get('/api/v1/me/stats')).ms);
  }
  return [median(times[0]), median(times[1])];
};

/** Two people's stats of all time, whose histories differ in length alone, each read from the rows every time. */
export const statsScale: BenchRow = {
  names: ['stats.scale'],
  run: async ({ folders, report }) => {
    const { path, heavyToken, smallToken } = await folders.million(report);
    const work = async (url: string) => {
      const [heavy, small] = [createHttpClient(url, heavyToken), createHttpClient(url, smallToken)];
      const [ours, theirs]: [number[], number[]] = [[], []];
      try {
        for (let round = 0; round <= ROUNDS; round += 1) {
          const [long, short] = await askBoth(heavy, small);
          report(
            `${round === 0 ? 'warm-up' : `round ${round}/${ROUNDS}`}: ` +
              `${long.toFixed(2)} ms with 100,000 watches, ${short.toFixed(2)} ms with 100`,
          );
          if (round === 0) continue;
          ours.push(long);
          theirs.push(short);
        }
      } finally {
        heavy.close();
        small.close();
      }
      return { 'stats.scale': { value: median(ours), against: { small: held(ours, theirs) } } };
    };
    // Room for one answer: the other person's drives it out, so that none is answered from the cache.
    return withService(path, work, { REELLOG_CACHE_ENTRIES: '1' });
  },
};
