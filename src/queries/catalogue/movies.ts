import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { genreName } from '../../domain/movie/genres.js';
import { MOVIE_STREAMS } from '../../domain/streams.js';
import { CountryCode, LanguageCode, Line, Uuid } from '../../domain/schemas.js';
import {
  decodeCursor,
  InvalidParameter,
  isDateText,
  isInteger,
  isNumber,
  isText,
  listKey,
  pageOf,
  type Cursor,
} from '../serving/cursor.js';
import { nextCursor, paging } from '../serving/listParameters.js';
import { MOVIE_COLUMNS, SummaryAnswer, toMovie, type MovieRow } from './movie.js';
import { bestFirst, foundFilms, type Found } from './foundFilms.js';
import type { ReadModels } from '../ports/readModels.js';
import { query } from '../query.js';

const Parameters = Type.Object(
  {
    q: Type.Optional(
      Type.Unsafe<string>({
        // As long as a title: one that is pasted finds itself.
        ...Line(500),
        description:
          'What a title of the film is like, whatever the case, the diacritics, the punctuation and small typos, in ' +
          'every script; a year beside it (`Psycho 1998`) is that of the film. The best come first unless `sort` says ' +
          'otherwise; at most 400.',
      }),
    ),
    sort: Type.Optional(Type.Enum(['title', 'year', 'releaseDate', 'rating', 'runtime', 'added'])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    genre: Type.Optional(Line(200)),
    yearFrom: Type.Optional(Type.Integer({ minimum: 1870, maximum: 2200 })),
    yearTo: Type.Optional(Type.Integer({ minimum: 1870, maximum: 2200 })),
    decade: Type.Optional(Type.Integer({ minimum: 1870, maximum: 2200, multipleOf: 10 })),
    language: Type.Optional(LanguageCode),
    country: Type.Optional(CountryCode),
    minRating: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
    libraryId: Type.Optional(Uuid),
    ...paging(20, 100),
  },
  { additionalProperties: false },
);
type Parameters = Static<typeof Parameters>;

/**
 * What a list is sorted by: the indexed expression in either order, its type, and the order it usually has.
 * What is not known of a film comes last in both orders.
 */
const sorts = {
  title: { asc: 'sort_key', desc: 'sort_key', type: 'text', usual: 'asc' },
  year: {
    asc: 'coalesce(year, 32767)',
    desc: 'coalesce(year, 0)',
    type: 'integer',
    usual: 'desc',
  },
  releaseDate: {
    asc: "coalesce(release_date, '9999-12-31')",
    desc: "coalesce(release_date, '0001-01-01')",
    type: 'date',
    usual: 'desc',
  },
  rating: {
    asc: 'coalesce(community_rating, 11)',
    desc: 'coalesce(community_rating, -1)',
    type: 'float8',
    usual: 'desc',
  },
  runtime: {
    asc: 'coalesce(runtime_minutes, 32767)',
    desc: 'coalesce(runtime_minutes, 0)',
    type: 'integer',
    usual: 'asc',
  },
  added: { asc: 'added_at', desc: 'added_at', type: 'timestamptz', usual: 'desc' },
} as const;

/** What a cursor must carry for a list sorted by a value of this type. */
const cursorValues = {
  text: isText,
  integer: isInteger,
  float8: isNumber,
  date: isDateText,
  timestamptz: isDateText,
} as const;

/** The films: sorted, filtered, or searched by their titles, as `foundFilms` does. */
export const movies = query({
  name: 'movies',
  parameters: Parameters,
  answer: Type.Object(
    { movies: Type.Array(SummaryAnswer), nextCursor },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  sources: () => [{ readModel: 'catalogue', streams: { prefixes: [MOVIE_STREAMS] } }],
  read: async (parameters, _, readModels) => {
    const { yearFrom, yearTo } = parameters;
    if (yearFrom !== undefined && yearTo !== undefined && yearFrom > yearTo) {
      throw new InvalidParameter('yearTo', 'is before "yearFrom"');
    }
    const found = parameters.q === undefined ? undefined : await foundBy(parameters, readModels);
    return found !== undefined && parameters.sort === undefined
      ? byLikeness(found, parameters, readModels)
      : sorted(parameters, readModels, found);
  },
});

/** Names the list of films that these parameters ask for, in this order. */
const listOf = (
  { q, sort, genre, yearFrom, yearTo, decade, language, country, ...rest }: Parameters,
  order: string,
): string => {
  const filters = [genre, yearFrom, yearTo, decade, language, country];
  return listKey('movies', q, sort, order, ...filters, rest.minRating, rest.libraryId);
};

interface Answer {
  movies: SummaryAnswer[];
  nextCursor: string | null;
}

/** The films that answer to the search, in the order that was asked for. */
const foundBy = (parameters: Parameters, readModels: ReadModels): Promise<readonly Found[]> => {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const where = filtersOf(parameters, value);
  return foundFilms(parameters.q ?? '', { where, values }, readModels);
};

/** A page of what was found, the best first, or last where that was asked for. */
const byLikeness = async (
  found: readonly Found[],
  parameters: Parameters,
  readModels: ReadModels,
): Promise<Answer> => {
  const { order = 'desc', limit, cursor } = parameters;
  const list = listOf(parameters, order);
  const ordered = order === 'asc' ? found.toReversed() : found;
  const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isNumber);
  const isAfter = (film: Found): boolean => {
    if (!place) return true;
    const behind = bestFirst({ likeness: Number(place.value), id: place.id }, film);
    return order === 'asc' ? behind > 0 : behind < 0;
  };
  const { page, nextCursor: next } = pageOf(
    ordered.filter(isAfter).slice(0, limit + 1),
    limit,
    list,
    ({ likeness, id }) => ({ value: likeness, id }),
  );
  const ids = page.map(({ id }) => id);
  const rows = await readModels.query<MovieRow>({
    text: `select ${MOVIE_COLUMNS} from {catalogue}.movies
           where movie_id = any($1) and status = 'live'
           order by array_position($1, movie_id)`,
    values: [ids],
  });
  return { movies: rows.map((row) => toMovie(row)), nextCursor: next };
};

/** A page of all films, or of those that were found. */
const sorted = async (
  parameters: Parameters,
  readModels: ReadModels,
  found: readonly Found[] | undefined,
): Promise<Answer> => {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const where = ["status = 'live'", ...filtersOf(parameters, value)];
  if (found) where.push(`movie_id = any(${value(found.map(({ id }) => id))})`);
  const name = parameters.sort ?? 'title';
  const sort = sorts[name];
  const order = parameters.order ?? sort.usual;
  const by = sort[order];
  const list = listOf({ ...parameters, sort: name }, order);
  if (parameters.cursor !== undefined) {
    const cursor = decodeCursor(parameters.cursor, list, cursorValues[sort.type]);
    where.push(
      `(${by}, movie_id) ${order === 'asc' ? '>' : '<'} (${value(cursor.value)}::${sort.type}, ${value(cursor.id)}::uuid)`,
    );
  }
  const rows = await readModels.query<MovieRow & { readonly sort_value: string | number | Date }>({
    text: `select ${MOVIE_COLUMNS}, ${by} as sort_value from {catalogue}.movies
           where ${where.join(' and ')}
           order by ${by} ${order}, movie_id ${order}
           limit ${value(parameters.limit + 1)}`,
    values,
  });
  const { page, nextCursor: next } = pageOf(rows, parameters.limit, list, (row): Cursor => ({
    value: row.sort_value instanceof Date ? row.sort_value.toISOString() : row.sort_value,
    id: row.movie_id,
  }));
  return { movies: page.map((row) => toMovie(row)), nextCursor: next };
};

const filtersOf = (parameters: Parameters, value: (given: unknown) => string): string[] => [
  // By movies_by_genre.
  ...(parameters.genre === undefined
    ? []
    : [`genres @> array[${value(genreName(parameters.genre))}]`]),
  ...(parameters.country === undefined ? [] : [`${value(parameters.country)} = any(countries)`]),
  ...(parameters.language === undefined ? [] : [`language = ${value(parameters.language)}`]),
  ...(parameters.yearFrom === undefined ? [] : [`year >= ${value(parameters.yearFrom)}`]),
  ...(parameters.yearTo === undefined ? [] : [`year <= ${value(parameters.yearTo)}`]),
  ...(parameters.decade === undefined
    ? []
    : [`year between ${value(parameters.decade)} and ${value(parameters.decade + 9)}`]),
  ...(parameters.minRating === undefined
    ? []
    : [`community_rating >= ${value(parameters.minRating)}`]),
  ...(parameters.libraryId === undefined ? [] : [`library_id = ${value(parameters.libraryId)}`]),
];
