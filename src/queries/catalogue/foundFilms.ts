import { broadGrams, wantedGrams } from '../../domain/movie/search/grams.js';
import { lexemes } from '../../domain/movie/search/lexemes.js';
import { likeness, type Film } from '../../domain/movie/search/likeness.js';
import { wantedFilms } from '../../domain/movie/search/wanted.js';
import type { ReadModels } from '../ports/readModels.js';

/** A film that answers to a search, and how well. */
export interface Found {
  readonly id: string;
  readonly likeness: number;
}

/** So many films that have most in common with what is wanted are looked at more closely. */
const CANDIDATES = 400;

/**
 * The films whose titles answer to a search, the best first: whatever the case, the diacritics, the punctuation, the
 * spaces and small typos, in every script. At most 400. The database finds titles that have pieces in common with what
 * is wanted, by an index; how alike they are is told here, so that it depends on no database's locale.
 * @param among conditions that the films have to meet, and the values of their parameters
 */
export const foundFilms = async (
  typed: string,
  among: { readonly where: readonly string[]; readonly values: readonly unknown[] },
  readModels: ReadModels,
): Promise<readonly Found[]> => {
  const wanted = wantedFilms(typed);
  // Nothing to see.
  if (wanted.readings[0]?.text === '') return [];
  const by = async (gramsOf: (text: string) => Iterable<string>): Promise<readonly Found[]> => {
    const grams = wanted.readings.flatMap(({ text }) => [...gramsOf(text)]);
    const films = await candidates(grams, among, readModels);
    return films
      .map(({ id, ...film }) => ({ id, likeness: likeness(wanted, film) }))
      .filter((found) => found.likeness > 0)
      .sort(bestFirst);
  };
  const found = await by(wantedGrams);
  return found.length > 0 ? found : by(broadGrams);
};

const candidates = (
  grams: readonly string[],
  among: { readonly where: readonly string[]; readonly values: readonly unknown[] },
  readModels: ReadModels,
): Promise<readonly (Film & { readonly id: string })[]> => {
  const pieces = `$${among.values.length + 1}::tsquery`;
  return readModels.query<Film & { readonly id: string }>({
    // By movies_by_grams: "not removed" keeps the planner from the indexes of live films by other columns. Where as many
    // pieces are in common, titles that have less beside them are nearer.
    text: `select movie_id as id, title, names, year, votes from {catalogue}.movies
           where ${["status <> 'removed'", ...among.where, `grams @@ ${pieces}`].join(' and ')}
           order by ts_rank(grams, ${pieces}) desc, length(grams), movie_id
           limit ${CANDIDATES}`,
    values: [...among.values, lexemes(grams, '|')],
  });
};

/** Of films that are as alike the one with the greater id comes first. */
export const bestFirst = (one: Found, other: Found): number =>
  other.likeness - one.likeness || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
