import { withService } from '../measuring/commandLine.js';
import { importMovieLensInto, tokenOf } from '../data/dataFolders.js';
import { createHttpClient } from '../http/httpClient.js';
import { quantile, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { judged, percentWithin, searchQueries, type Judged } from './searchQueries.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';

const FIVE = { what: '% in the first five', least: 99 } as const;

/** 200 searches over all titles of MovieLens: how many find what is looked for, and how long they take. */
export const searchQuality: BenchRow = {
  names: ['search.quality', 'search.p95'],
  run: ({ report }) =>
    withTemporaryFolder(async (path) => {
      report("importing MovieLens with TMDb's data");
      await importMovieLensInto(path, { withMetadata: true });
      const token = await tokenOf(path);
      return withService(path, async (url) => {
        const client = createHttpClient(url, token);
        const times: number[] = [];
        let all: readonly Judged[] = [];
        try {
          for (let round = 0; round <= ROUNDS; round += 1) {
            const results: Judged[] = [];
            const found: number[] = [];
            for (const query of searchQueries()) {
              // Another length each round: an answer that is asked for again comes from the cache.
              const q = encodeURIComponent(query.typed);
              const { body, ms } = await client.get(`/api/v1/movies?limit=${20 + round}&q=${q}`);
              const { movies } = JSON.parse(body) as { movies: { title: string; year?: number }[] };
              results.push(judged(query, movies));
              found.push(ms);
            }
            const name = round === 0 ? 'warm-up' : `round ${round}/${ROUNDS}`;
            report(`${name}: ${quantile(found, 0.95).toFixed(1)} ms`);
            if (round > 0) times.push(...found);
            all = results;
          }
        } finally {
          client.close();
        }
        for (const { typed, place, found } of all.filter((result) => result.place !== 1)) {
          report(`"${typed}" at ${place}: ${found.slice(0, 3).join(', ')}`);
        }
        return {
          'search.quality': {
            value: percentWithin(1, all),
            also: { ...FIVE, value: percentWithin(5, all) },
          },
          'search.p95': { value: quantile(times, 0.95) },
        };
      });
    }),
};
