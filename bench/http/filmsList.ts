import { makeManyFilms } from '../data/manyFilms.js';
import { METADATA, tokenOf } from '../data/dataFolders.js';
import { letReactionsCatchUp, withService } from '../measuring/commandLine.js';
import { median, quantile, ROUNDS } from '../measuring/rounds.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';
import { runRebuild } from '../rebuild/rebuildRuns.js';
import type { BenchRow } from '../row.js';
import { createHttpClient, type HttpClient } from './httpClient.js';

const FILMS = 50_000;
const PAGE = 50;

/** Two filters and a sort each: the first leave nearly all films, and are a thousand pages long. */
const LISTS = [
  'yearFrom=1900&minVotes=1&sort=title',
  'yearFrom=1900&minVotes=1&sort=rating',
  'genre=Drama&decade=1990&sort=rating',
  'language=fr&minVotes=100&sort=releaseDate',
  'studio=pixar+animation+studios&keyword=friendship&sort=added',
  'runtimeFrom=200&country=DE&sort=year',
];
const FACETS = ['', 'genre=Drama', 'decade=1990&language=en'];

/** How long each page of a list takes, from the first to the last. */
const pagesOf = async (client: HttpClient, list: string): Promise<readonly number[]> => {
  const times: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body, ms } = await client.get(`/api/v1/movies?${list}&limit=${PAGE}${from}`);
    times.push(ms);
    cursor = (JSON.parse(body) as { readonly nextCursor: string | null }).nextCursor;
  }
  return times;
};

/** Lists of 50,000 films, page by page to their ends, none from the cache. */
export const filmsList: BenchRow = {
  names: ['films.list'],
  run: ({ report }) =>
    withTemporaryFolder(async (path) => {
      report(`making ${FILMS} films`);
      await makeManyFilms(FILMS, METADATA, path);
      await runRebuild(path, 'all');
      await letReactionsCatchUp(path);
      const token = await tokenOf(path);
      const work = async (url: string) => {
        const client = createHttpClient(url, token);
        const pages: number[] = [];
        const facets: number[] = [];
        try {
          for (let round = 1; round <= ROUNDS; round += 1) {
            for (const list of LISTS) {
              const times = await pagesOf(client, list);
              report(
                `round ${round}/${ROUNDS}: ${list}: ${times.length} pages, ` +
                  `p95 ${quantile(times, 0.95).toFixed(1)} ms`,
              );
              pages.push(...times);
            }
            for (const filters of FACETS) {
              facets.push((await client.get(`/api/v1/movies/facets?${filters}`)).ms);
            }
          }
        } finally {
          client.close();
        }
        const note = `${median(facets).toFixed(0)} ms for totals and facets, ${Math.max(...facets).toFixed(0)} at most`;
        return { 'films.list': { value: quantile(pages, 0.95), note } };
      };
      // Room for one answer, so that none is answered from the cache.
      return withService(path, work, { REELLOG_CACHE_ENTRIES: '1' });
    }),
};
