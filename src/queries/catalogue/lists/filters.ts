import { Type, type Static, type TSchema } from 'typebox';
import { genreName } from '../../../domain/movie/genres.js';
import { nameKey } from '../../../domain/movie/search/nameKey.js';
import { CountryCode, LanguageCode, Line, Uuid } from '../../../domain/schemas.js';
import { InvalidParameter } from '../../serving/cursor.js';
import { personalConditions, personalFilters } from './personalFilters.js';

const MOST_VALUES = 20;

/** A filter that may be given several times: the films that have any of the values. */
const anyOf = <Schema extends TSchema>(value: Schema, description: string) =>
  Type.Optional(
    Type.Array(value, {
      ...{ minItems: 1, maxItems: MOST_VALUES },
      description: `${description} Given several times: any of them.`,
    }),
  );

const year = Type.Integer({ minimum: 1870, maximum: 2200 });
const minutes = Type.Integer({ minimum: 1, maximum: 6000 });

/** What lists of films can be filtered by; all filters that are given apply. */
export const filmFilters = {
  genre: anyOf(Line(200), 'A genre, whatever its case.'),
  studio: anyOf(Line(200), 'A studio, whatever the case, the diacritics and the punctuation.'),
  keyword: anyOf(Line(200), 'A keyword, compared like a studio.'),
  personId: anyOf(Uuid, 'Somebody of the cast or the crew.'),
  collectionId: anyOf(Uuid, 'A collection.'),
  libraryId: anyOf(Uuid, 'A library.'),
  language: anyOf(LanguageCode, 'The original language.'),
  country: anyOf(CountryCode, 'A country of production.'),
  decade: anyOf(
    Type.Integer({ minimum: 1870, maximum: 2200, multipleOf: 10 }),
    'A decade by its first year.',
  ),
  year: anyOf(year, 'A year.'),
  yearFrom: Type.Optional(year),
  yearTo: Type.Optional(year),
  runtimeFrom: Type.Optional({ ...minutes, description: 'Minutes, at least.' }),
  runtimeTo: Type.Optional({ ...minutes, description: 'Minutes, at most.' }),
  minRating: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
  minVotes: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  hasFile: Type.Optional(Type.Boolean({ description: 'Whether a file of the film is known.' })),
  ...personalFilters,
};

export type FilmFilters = Static<ReturnType<typeof Type.Object<typeof filmFilters>>>;

/** @throws {InvalidParameter} where a range ends before it begins */
const checkRanges = ({ yearFrom, yearTo, runtimeFrom, runtimeTo }: FilmFilters): void => {
  if (yearFrom !== undefined && yearTo !== undefined && yearFrom > yearTo) {
    throw new InvalidParameter('yearTo', 'is before "yearFrom"');
  }
  if (runtimeFrom !== undefined && runtimeTo !== undefined && runtimeFrom > runtimeTo) {
    throw new InvalidParameter('runtimeTo', 'is less than "runtimeFrom"');
  }
};

/**
 * The conditions that a row of `{catalogue}.listed` has to meet, in the expressions that the table's indexes are on.
 * @param value takes a value, and gives the parameter that stands for it
 * @throws {InvalidParameter} where a range ends before it begins
 */
export const conditionsOf = (
  filters: FilmFilters,
  userId: string,
  value: (given: unknown) => string,
): readonly string[] => {
  checkRanges(filters);
  const conditions: string[] = [];
  const where = <Given>(given: Given | undefined, condition: (given: Given) => string): void => {
    if (given !== undefined) conditions.push(condition(given));
  };
  where(filters.genre, (names) => `genres && ${value(names.map(genreName))}::text[]`);
  where(filters.studio, (names) => `studio_keys && ${value(names.map(nameKey))}::text[]`);
  where(filters.keyword, (names) => `keyword_keys && ${value(names.map(nameKey))}::text[]`);
  where(filters.country, (codes) => `countries && ${value(codes)}::text[]`);
  where(filters.language, (codes) => `language = any(${value(codes)}::text[])`);
  where(
    filters.personId,
    (ids) =>
      `movie_id in (select role.movie_id from {catalogue}.credits role where role.person_id = any(${value(ids)}::uuid[]))`,
  );
  where(filters.collectionId, (ids) => `collection_id = any(${value(ids)}::uuid[])`);
  where(filters.libraryId, (ids) => `library_id = any(${value(ids)}::uuid[])`);
  where(filters.year, (years) => `coalesce(year, 0) = any(${value(years)}::integer[])`);
  where(filters.decade, (decades) => {
    const ranges = decades.map(
      (first) => `coalesce(year, 0) between ${value(first)} and ${value(first + 9)}`,
    );
    return `(${ranges.join(' or ')})`;
  });
  where(filters.yearFrom, (least) => `coalesce(year, 0) >= ${value(least)}`);
  where(filters.yearTo, (most) => `coalesce(year, 32767) <= ${value(most)}`);
  where(filters.runtimeFrom, (least) => `coalesce(runtime_minutes, 0) >= ${value(least)}`);
  where(filters.runtimeTo, (most) => `coalesce(runtime_minutes, 32767) <= ${value(most)}`);
  where(filters.minRating, (least) => `coalesce(community_rating, -1) >= ${value(least)}`);
  where(filters.minVotes, (least) => `votes >= ${value(least)}`);
  where(filters.hasFile, (wanted) => `has_file = ${value(wanted)}`);
  return [...conditions, ...personalConditions(filters, userId, value)];
};
