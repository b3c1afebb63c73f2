import { makeManyFilms } from '../data/manyFilms.js';
import { METADATA, tokenOf } from '../data/dataFolders.js';
import { createHttpClient } from '../http/httpClient.js';
import { letReactionsCatchUp, withService } from '../measuring/commandLine.js';
import { median, quantile, ROUNDS } from '../measuring/rounds.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';
import { runRebuild } from '../rebuild/rebuildRuns.js';
import { readMetadata } from '../../src/infra/cli/import/movielens/metadata.js';
import type { BenchRow } from '../row.js';

const FILMS = 50_000;
const TITLES = 200;
/** So many letters of a title are typed, one after the other. */
const TYPED = 8;

/** A title with one typo, of another kind each time, anywhere but in its first letter. */
const misspelt = (title: string, nth: number): string => {
  const letters = Array.from(title);
  const at = 1 + ((nth * 7) % (letters.length - 2));
  const [letter = '', next = ''] = letters.slice(at, at + 2);
  const typos = [[letter, letter, next], [next, letter], [next], ['x', next]] as const;
  return [...letters.slice(0, at), ...(typos[nth % 4] ?? []), ...letters.slice(at + 2)].join('');
};

/** What is typed of a title, letter by letter: from its beginning, and from that of its last word. */
const typed = (title: string): readonly string[] =>
  [...new Set([title, title.split(' ').at(-1) ?? ''])].flatMap((text) =>
    Array.from({ length: Math.min(TYPED, text.length) }, (_, nth) => text.slice(0, nth + 1)),
  );

interface Found {
  readonly results: readonly { readonly type: string; readonly title?: string }[];
}

/** A search box over 50,000 films: titles with a typo, and titles while they are typed; none from the cache. */
export const searchBox: BenchRow = {
  names: ['search.typo', 'search.complete'],
  run: ({ report }) =>
    withTemporaryFolder(async (path) => {
      report(`making ${FILMS} films`);
      await makeManyFilms(FILMS, METADATA, path);
      await runRebuild(path, 'all');
      await letReactionsCatchUp(path);
      const token = await tokenOf(path);
      const all = [...(await readMetadata(METADATA)).values()]
        .map(({ title }) => title)
        .filter((title) => title.length >= 6);
      const titles = Array.from(
        { length: TITLES },
        (_, nth) => all[Math.floor((nth * all.length) / TITLES)] ?? '',
      );
      const work = async (url: string) => {
        const client = createHttpClient(url, token);
        const get = async (path: string, text: string) => {
          const { body, ms } = await client.get(`${path}?q=${encodeURIComponent(text)}`);
          return { ms, results: (JSON.parse(body) as Found).results };
        };
        const searched: number[] = [];
        const completed: number[] = [];
        let found = 0;
        try {
          for (let round = 0; round <= ROUNDS; round += 1) {
            const [some, more]: [number[], number[]] = [[], []];
            found = 0;
            for (const [nth, title] of titles.entries()) {
              const { ms, results } = await get('/api/v1/search', misspelt(title, nth));
              some.push(ms);
              if (results.some((one) => one.title === title)) found += 1;
              else if (round === 0) report(`"${misspelt(title, nth)}" does not find ${title}`);
            }
            for (const text of titles.flatMap(typed)) {
              more.push((await get('/api/v1/search/complete', text)).ms);
            }
            report(
              `${round === 0 ? 'warm-up' : `round ${round}/${ROUNDS}`}: ${quantile(some, 0.95).toFixed(1)} and ` +
                `${quantile(more, 0.95).toFixed(1)} ms`,
            );
            if (round > 0) {
              searched.push(...some);
              completed.push(...more);
            }
          }
        } finally {
          client.close();
        }
        return {
          'search.typo': {
            value: quantile(searched, 0.95),
            also: { what: '% found', value: (100 * found) / TITLES, least: 99 },
            note: `median ${median(searched).toFixed(1)} ms`,
          },
          'search.complete': {
            value: quantile(completed, 0.95),
            note: `median ${median(completed).toFixed(1)} ms`,
          },
        };
      };
      // Room for one answer, so that none is answered from the cache.
      return withService(path, work, { REELLOG_CACHE_ENTRIES: '1' });
    }),
};
