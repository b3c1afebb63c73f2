import { Type, type Static } from 'typebox';
import { mayRead } from '../domain/account/permissions.js';
import { searchText } from '../domain/movie/searchText.js';
import { MOVIE_STREAMS } from '../domain/streams.js';
import { CountryCode, LanguageCode, Line, Uuid } from '../domain/schemas.js';
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
} from './cursor.js';
import { nextCursor, paging } from './listParameters.js';
import { MOVIE_COLUMNS, MovieAnswer, toMovie, type MovieRow } from './movie.js';
import { query } from './query.js';

const Parameters = Type.Object(
  {
    q: Type.Optional(Line(200, 1)),
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

/** The films: sorted, filtered, or searched by title whatever the case, the diacritics and small typos. */
export const movies = query({
  name: 'movies',
  parameters: Parameters,
  answer: Type.Object(
    { movies: Type.Array(MovieAnswer), nextCursor },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  madeOf: () => [{ readModel: 'catalogue', streams: { prefixes: [MOVIE_STREAMS] } }],
  read: async (parameters, _, readModels) => {
    const { yearFrom, yearTo } = parameters;
    if (yearFrom !== undefined && yearTo !== undefined && yearFrom > yearTo) {
      throw new InvalidParameter('yearTo', 'lies before "yearFrom"');
    }
    const { text, values, list } = statementOf(parameters);
    const rows = await readModels.query<MovieRow & { readonly sort_value: string | number | Date }>(
      {
        text,
        values,
      },
    );
    const { page, nextCursor: next } = pageOf(rows, parameters.limit, list, (row): Cursor => ({
      value: row.sort_value instanceof Date ? row.sort_value.toISOString() : row.sort_value,
      id: row.movie_id,
    }));
    return { movies: page.map(toMovie), nextCursor: next };
  },
});

const statementOf = (
  parameters: Parameters,
): { readonly text: string; readonly values: unknown[]; readonly list: string } => {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const where = ["status = 'live'", ...filtersOf(parameters, value)];

  const wanted = parameters.q === undefined ? undefined : searchText(parameters.q);
  const sort =
    wanted !== undefined && parameters.sort === undefined
      ? undefined
      : (parameters.sort ?? 'title');
  // Nothing but punctuation finds nothing.
  if (wanted === '') where.push('false');
  else if (wanted !== undefined) {
    where.push(`movie_id in (select {catalogue}.titles_like(${value(wanted)}))`);
  }
  const { usual, type } =
    sort === undefined ? ({ usual: 'desc', type: 'float8' } as const) : sorts[sort];
  const order = parameters.order ?? usual;
  const by = sort === undefined ? likenessOf(value(wanted)) : sorts[sort][order];

  const { q, genre, yearFrom, yearTo, decade, language, country, minRating, libraryId } =
    parameters;
  const list = listKey(
    ...['movies', q, sort, order, genre, yearFrom, yearTo, decade, language, country],
    ...[minRating, libraryId],
  );
  if (parameters.cursor !== undefined) {
    const cursor = decodeCursor(parameters.cursor, list, cursorValues[type]);
    where.push(
      `(${by}, movie_id) ${order === 'asc' ? '>' : '<'} (${value(cursor.value)}::${type}, ${value(cursor.id)}::uuid)`,
    );
  }
  return {
    text: `select ${MOVIE_COLUMNS}, ${by} as sort_value from {catalogue}.movies
           where ${where.join(' and ')}
           order by ${by} ${order}, movie_id ${order}
           limit ${value(parameters.limit + 1)}`,
    values,
    list,
  };
};

const filtersOf = (parameters: Parameters, value: (given: unknown) => string): string[] => [
  // By movies_by_genre.
  ...(parameters.genre === undefined ? [] : [`genres @> array[${value(parameters.genre)}]`]),
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

/** In thousandths, so that a cursor can name it exactly; the same title in full comes first. */
const likenessOf = (place: string): string =>
  `(round(word_similarity(${place}, search_text) * 1000) + round(similarity(${place}, search_text) * 500))::float8`;
