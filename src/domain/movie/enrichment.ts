import type { MovieDetails, MovieField } from './events.js';
import type { WantedFilm } from './matching.js';

/** What a film has that somebody looked up, and hardly one that was typed in. */
const LOOKED_UP = [
  'overview',
  'runtimeMinutes',
  'releaseDate',
  'directors',
  'posterPath',
] as const satisfies readonly MovieField[];

/** Whether a provider may know of a film what is not known here. */
export const wantsEnrichment = (details: Partial<MovieDetails>): boolean =>
  LOOKED_UP.some((field) => details[field] === undefined);

/** What a film that has no id of a provider is looked for by. */
export const wantedFilmOf = ({ title, year, imdbId }: MovieDetails): WantedFilm => ({
  title,
  ...(year === undefined ? {} : { year }),
  ...(imdbId === undefined ? {} : { imdbId }),
});
