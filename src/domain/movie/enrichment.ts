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

/** Lists of which one may know a part, and another the rest; with how much of them a film can have. */
const PARTIAL = { studios: 100, alternativeTitles: 100, keywords: 200 } as const;

/** What several know of a film: of each field what the first says who knows it. @returns `undefined` of nobody */
export const mergedDetails = (answers: readonly MovieDetails[]): MovieDetails | undefined => {
  if (answers.length === 0) return undefined;
  const lists = Object.entries(PARTIAL).flatMap(([field, most]) => {
    const all = new Set(answers.flatMap((one) => one[field as keyof typeof PARTIAL] ?? []));
    return all.size === 0 ? [] : [[field, [...all].slice(0, most)] as const];
  });
  const known = answers.reduceRight((others, first) => ({ ...others, ...first }));
  return { ...known, ...Object.fromEntries(lists) };
};

/** What a film that has no id of a provider is looked for by. */
export const wantedFilmOf = ({ title, year, imdbId }: MovieDetails): WantedFilm => ({
  title,
  ...(year === undefined ? {} : { year }),
  ...(imdbId === undefined ? {} : { imdbId }),
});
