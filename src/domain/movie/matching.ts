import { folded } from './search/folded.js';

/** What somebody knows of a film whose id they do not know: a file's name, a row of an import. */
export interface WantedFilm {
  readonly title: string;
  readonly year?: number;
  readonly imdbId?: string;
}

/** A film as a provider knows it, as much of it as tells films apart. */
export interface KnownFilm {
  readonly title: string;
  readonly originalTitle?: string;
  readonly year?: number;
  readonly imdbId?: string;
}

/** The film that is meant, and how sure that is: from the threshold to 1. */
export interface FilmMatch<Film extends KnownFilm> {
  readonly film: Film;
  readonly confidence: number;
}

/** Below it nothing is matched: no film is better than another one. */
export const MATCH_THRESHOLD = 0.7;

/**
 * How sure it is that a film is the one that is meant (DOMAIN, metadata chain): by the IMDb id alone, else by the
 * title and the year, which festivals and countries move by one. A title without a year is many a remake's.
 */
export const confidenceOf = (wanted: WantedFilm, film: KnownFilm): number => {
  if (wanted.imdbId !== undefined && film.imdbId !== undefined) {
    return wanted.imdbId === film.imdbId ? 1 : 0;
  }
  const title = folded(wanted.title);
  const isTitle = title === folded(film.title);
  if (!isTitle && (film.originalTitle === undefined || title !== folded(film.originalTitle))) {
    return 0;
  }
  if (wanted.year === undefined || film.year === undefined) return 0.75;
  const apart = Math.abs(wanted.year - film.year);
  return apart === 0 ? 0.95 : apart === 1 ? 0.85 : 0;
};

/** The film that is meant, if one is more so than all others, and enough. */
export const matchOf = <Film extends KnownFilm>(
  wanted: WantedFilm,
  films: readonly Film[],
): FilmMatch<Film> | undefined => {
  const matches = films
    .map((film) => ({ film, confidence: confidenceOf(wanted, film) }))
    .filter(({ confidence }) => confidence >= MATCH_THRESHOLD)
    .sort((one, other) => other.confidence - one.confidence);
  const [best, next] = matches;
  return best && (next === undefined || next.confidence < best.confidence) ? best : undefined;
};
