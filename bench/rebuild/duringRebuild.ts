import { withService } from '../measuring/commandLine.js';
import { createHttpClient, filmIds, type HttpClient } from '../http/httpClient.js';
import { atAPace } from '../measuring/pacing.js';
import { median, quantile, ROUNDS } from '../measuring/rounds.js';
import { runRebuild } from './rebuildRuns.js';
import type { BenchRow } from '../row.js';

const PER_SECOND = 200;
const IDLE_MS = 4_000;
/** Every so manieth GET is of a film that nobody has asked for. */
const UNCACHED_EVERY = 4;
const FAVOURITES = 20;

/** GETs at an even pace until the signal, cached and uncached. @returns the milliseconds that each took */
const ask = (client: HttpClient, films: Films, until: AbortSignal): Promise<readonly number[]> =>
  atAPace(PER_SECOND, until, async (nth) => {
    const film = nth % UNCACHED_EVERY === 0 ? films.next() : films.favourite(nth);
    return (await client.get(`/api/v1/movies/${film}`)).ms;
  });

/** Films that have been asked for, and such as have not. */
interface Films {
  favourite(nth: number): string;
  next(): string;
}

const filmsFrom = (ids: readonly string[]): Films => {
  let asked = FAVOURITES;
  return {
    favourite: (nth) => ids[nth % FAVOURITES] ?? '',
    next: () => {
      asked += 1;
      return ids[FAVOURITES + (asked % (ids.length - FAVOURITES))] ?? '';
    },
  };
};

/** How much longer answers take while every read model is being made anew beside the service. */
export const duringRebuild: BenchRow = {
  names: ['http.during-rebuild'],
  run: async ({ folders, report }) => {
    const { path, token } = await folders.history(report);
    return withService(path, async (url) => {
      const client = createHttpClient(url, token);
      try {
        const films = filmsFrom(await filmIds(client, Number.MAX_SAFE_INTEGER));
        const ratios: number[] = [];
        let note = '';
        for (let round = 0; round <= ROUNDS; round += 1) {
          const idle = await ask(client, films, AbortSignal.timeout(IDLE_MS));
          if (round === 0) continue;
          const over = new AbortController();
          const rebuild = runRebuild(path, 'all').finally(() => {
            over.abort();
          });
          const during = await ask(client, films, over.signal);
          await rebuild;
          const [before, meanwhile] = [quantile(idle, 0.99), quantile(during, 0.99)];
          note = `${before.toFixed(1)} ms idle, ${meanwhile.toFixed(1)} ms during a rebuild`;
          report(`round ${round}/${ROUNDS}: ${note}, ${during.length} GETs`);
          ratios.push(meanwhile / before);
        }
        return { 'http.during-rebuild': { value: median(ratios), note: `last: ${note}` } };
      } finally {
        client.close();
      }
    });
  },
};
