import { withService } from '../measuring/commandLine.js';
import { createHttpClient, filmIds, type HttpClient } from './httpClient.js';
import { atAPace } from '../measuring/pacing.js';
import { median, quantile, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';

const PER_SECOND = 50;
const SECONDS = 8;
/** Films that no other row rates: a rating that changes nothing would have no position. */
const FIRST_FILM = 6_000;
const FILMS = 1_000;

/** The films that rows of this kind rate. */
export const filmsToShow = async (client: HttpClient): Promise<readonly string[]> =>
  (await filmIds(client, FIRST_FILM + FILMS)).slice(FIRST_FILM);

/**
 * Rates a film, and asks for what is known of it with the position that the command was answered with, until the
 * answer shows the rating. @returns the milliseconds from the one answer to the other
 */
const untilVisible = async (client: HttpClient, film: string, rating: number): Promise<number> => {
  const accepted = await client.put(`/api/v1/movies/${film}/rating`, { rating });
  const answered = performance.now();
  const position = String(accepted.headers['reellog-position']);
  const shown = await client.get(`/api/v1/movies/${film}/state`, { 'reellog-after': position });
  const ms = performance.now() - answered;
  const state = JSON.parse(shown.body) as { readonly rating: number | null };
  if (state.rating !== rating) {
    throw new Error(`${film} was rated ${rating}, and is shown with ${String(state.rating)}`);
  }
  return ms;
};

/** Commands at an even pace, and how long each took to show. */
export const timesToShow = (
  client: HttpClient,
  films: readonly string[],
  round: number,
): Promise<readonly number[]> =>
  atAPace(PER_SECOND, AbortSignal.timeout(SECONDS * 1000), (nth) => {
    const rating = (((nth * 7 + round * 13) % 100) + 1) / 10;
    return untilVisible(client, films[nth % films.length] ?? '', rating);
  });

/** How long a client's own write takes to show in what it asks next; the way there and back included. */
export const visible: BenchRow = {
  names: ['visible.p50', 'visible.p99'],
  run: async ({ folders, report }) => {
    const { path, token } = await folders.history(report);
    return withService(path, async (url) => {
      const client = createHttpClient(url, token);
      try {
        const films = await filmsToShow(client);
        const p50: number[] = [];
        const p99: number[] = [];
        for (let round = 0; round <= ROUNDS; round += 1) {
          const times = await timesToShow(client, films, round);
          report(
            `${round === 0 ? 'warm-up' : `round ${round}/${ROUNDS}`}: ` +
              `${median(times).toFixed(1)} ms, 99 % within ${quantile(times, 0.99).toFixed(1)} ms`,
          );
          if (round === 0) continue;
          p50.push(median(times));
          p99.push(quantile(times, 0.99));
        }
        return { 'visible.p50': { value: median(p50) }, 'visible.p99': { value: median(p99) } };
      } finally {
        client.close();
      }
    });
  },
};
