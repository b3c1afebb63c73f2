import type { Logger } from 'pino';
import { namesOf } from '../../commands/catalogue/externalIds.js';
import {
  ProviderFailure,
  type FoundFilm,
  type MovieProvider,
} from '../../commands/ports/movieProvider.js';
import type { Reservations } from '../../commands/ports/reservations.js';
import { wantedFilms } from '../../domain/movie/search/wanted.js';
import type { FilmSearch } from '../../queries/ports/facts.js';

/** Searches for films at a provider, and tells which of them the catalogue has. */
export const createFilmSearch = ({
  provider,
  reservations,
  limitMs,
  logger,
}: {
  readonly provider: Pick<MovieProvider, 'searchMovies'> | undefined;
  readonly reservations: Pick<Reservations, 'holders'>;
  /** How long a search waits for the provider at most, in milliseconds. */
  readonly limitMs: number;
  readonly logger: Logger;
}): FilmSearch => ({
  search: async (typed) => {
    if (!provider) return { providers: 'none', films: [] };
    const signal = AbortSignal.timeout(limitMs);
    let found: readonly FoundFilm[];
    try {
      found = await searched(provider, typed, signal);
    } catch (error) {
      const isExpected = error instanceof ProviderFailure || signal.aborted;
      logger[isExpected ? 'debug' : 'warn']({ err: error }, 'a search had no answer elsewhere');
      return { providers: 'away', films: [] };
    }
    const seen = new Set<number>();
    const films = found.filter(({ tmdbId }) => !seen.has(tmdbId) && seen.add(tmdbId));
    const nameOf = ({ tmdbId }: FoundFilm): string => namesOf({ tmdbId })[0] ?? '';
    const holders = await reservations.holders(films.map(nameOf));
    return {
      providers: 'asked',
      films: films.map((film) => {
        const movieId = holders.get(nameOf(film))?.owner;
        return { ...film, ...(movieId === undefined ? {} : { movieId }) };
      }),
    };
  },
});

/** First all that was typed as a title, then with a year as that of the film. */
const searched = async (
  provider: Pick<MovieProvider, 'searchMovies'>,
  typed: string,
  signal: AbortSignal,
): Promise<readonly FoundFilm[]> => {
  const found = await provider.searchMovies(typed, { signal });
  const dated = wantedFilms(typed).readings.find(({ year }) => year?.length === 4);
  if (found.length > 0 || dated?.year === undefined) return found;
  return provider.searchMovies(dated.text, { year: Number(dated.year), signal });
};
