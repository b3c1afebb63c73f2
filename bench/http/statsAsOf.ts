import { withService } from '../measuring/commandLine.js';
import { createHttpClient } from './httpClient.js';
import { median, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';

const ASKED = 5;

/** A person's stats as of moments at which all that they did has happened; each moment is asked for once. */
export const statsAsOf: BenchRow = {
  names: ['asof.stats'],
  run: async ({ folders, report }) => {
    const { path, middleToken, events } = await folders.million(report);
    return withService(path, async (url) => {
      const client = createHttpClient(url, middleToken);
      const found: number[] = [];
      let position = events;
      try {
        for (let round = 0; round <= ROUNDS; round += 1) {
          const times: number[] = [];
          for (let nth = 0; nth < ASKED; nth += 1) {
            times.push((await client.get(`/api/v1/me/stats?asOf=${position}`)).ms);
            position -= 1;
          }
          const name = round === 0 ? 'warm-up' : `round ${round}/${ROUNDS}`;
          report(`${name}: ${median(times).toFixed(0)} ms`);
          if (round > 0) found.push(...times);
        }
      } finally {
        client.close();
      }
      return { 'asof.stats': { value: median(found) } };
    });
  },
};
