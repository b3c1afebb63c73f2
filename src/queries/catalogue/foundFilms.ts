import { Type } from 'typebox';
import { broadGrams, wantedGrams } from '../../domain/movie/search/grams.js';
import { lexemes } from '../../domain/movie/search/lexemes.js';
import { likeness, type Film } from '../../domain/movie/search/likeness.js';
import { wantedFilms } from '../../domain/movie/search/wanted.js';
import { conditionsOf, type FilmFilters } from './lists/filters.js';
import { Line } from '../../domain/schemas.js';
import type { ReadModels } from '../ports/readModels.js';

/** What is searched by. */
export const searchParameter = Type.Optional(
  Type.Unsafe<string>({
    // As long as a title: one that is pasted finds itself.
    ...Line(500),
    description:
      'What a title of the film is like, whatever the case, the diacritics, the punctuation and small typos, in ' +
      'every script; a year beside it (`Psycho 1998`) is that of the film. The best come first unless `sort` says ' +
      'otherwise; at most 400.',
  }),
);

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
 * @param asked what is typed, and filters that the films have to pass
 */
export const foundFilms = async (
  asked: FilmFilters & { readonly q: string },
  userId: string,
  readModels: ReadModels,
): Promise<readonly Found[]> => {
  const wanted = wantedFilms(asked.q);
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const conditions = conditionsOf(asked, userId, value);
  const passes = `movie_id in (select movie_id from {catalogue}.listed where ${conditions.join(' and ')})`;
  const among = { where: conditions.length === 0 ? [] : [passes], values };
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
    // By movies_by_grams. Where as many pieces are in common, titles that have less beside them are nearer.
    text: `select movie_id as id, title, names, year, votes from {catalogue}.movies
           where ${["status = 'live'", ...among.where, `grams @@ ${pieces}`].join(' and ')}
           order by ts_rank(grams, ${pieces}) desc, length(grams), movie_id
           limit ${CANDIDATES}`,
    values: [...among.values, lexemes(grams, '|')],
  });
};

/** Of films that are as alike the one with the greater id comes first. */
export const bestFirst = (one: Found, other: Found): number =>
  other.likeness - one.likeness || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
