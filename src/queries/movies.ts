import { Type, type Static } from 'typebox';
import { searchText } from '../domain/movie/searchText.js';
import { CountryCode, LanguageCode, Line, Uuid } from '../domain/schemas.js';
import { decodeCursor, isNumber, isText, pageOf, type Cursor } from './cursor.js';
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
 * What a list is sorted by: the expression in either order, whether it is text, and the order it usually has.
 * What is not known of a film comes last in both orders.
 */
const sorts = {
  title: { asc: 'sort_key', desc: 'sort_key', isText: true, usual: 'asc' },
  year: { asc: 'coalesce(year, 32767)', desc: 'coalesce(year, 0)', isText: false, usual: 'desc' },
  releaseDate: {
    asc: "to_char(coalesce(release_date, '9999-12-31'), 'YYYY-MM-DD')",
    desc: "to_char(coalesce(release_date, '0001-01-01'), 'YYYY-MM-DD')",
    isText: true,
    usual: 'desc',
  },
  rating: {
    asc: 'coalesce(community_rating, 11)',
    desc: 'coalesce(community_rating, -1)',
    isText: false,
    usual: 'desc',
  },
  runtime: {
    asc: 'coalesce(runtime_minutes, 32767)',
    desc: 'coalesce(runtime_minutes, 0)',
    isText: false,
    usual: 'asc',
  },
  added: {
    asc: 'floor(extract(epoch from added_at) * 1000)::float8',
    desc: 'floor(extract(epoch from added_at) * 1000)::float8',
    isText: false,
    usual: 'desc',
  },
} as const;

/** How alike a word of the title must be to be found in spite of typos (pg_trgm's word similarity). */
const LIKENESS = 0.4;

/** The films: sorted, filtered, or searched by title whatever the case, the diacritics and small typos. */
export const movies = query({
  name: 'movies',
  parameters: Parameters,
  answer: Type.Object(
    { movies: Type.Array(MovieAnswer), nextCursor },
    { additionalProperties: false },
  ),
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  read: async (parameters, _, readModels) => {
    const { text, values } = statementOf(parameters);
    const rows = await readModels.query<MovieRow & { readonly sort_value: string | number }>({
      text,
      values,
    });
    const { page, nextCursor: next } = pageOf(rows, parameters.limit, (row): Cursor => ({
      value: row.sort_value,
      id: row.movie_id,
    }));
    return { movies: page.map(toMovie), nextCursor: next };
  },
});

const statementOf = (parameters: Parameters): { text: string; values: unknown[] } => {
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
  else if (wanted !== undefined) where.push(foundBy(value(wanted)));
  const usual = sort === undefined ? 'desc' : sorts[sort].usual;
  const order = parameters.order ?? usual;
  const by = sort === undefined ? likenessOf(value(wanted)) : sorts[sort][order];

  if (parameters.cursor !== undefined) {
    const textual = sort !== undefined && sorts[sort].isText;
    const cursor = decodeCursor(parameters.cursor, textual ? isText : isNumber);
    const place = value(cursor.value);
    const type = textual ? 'text' : 'float8';
    const collate = textual ? ' collate "C"' : '';
    where.push(
      `((${by})${collate}, movie_id) ${order === 'asc' ? '>' : '<'} (${place}::${type}${collate}, ${value(cursor.id)}::uuid)`,
    );
  }
  const collate = sort !== undefined && sorts[sort].isText ? ' collate "C"' : '';
  return {
    text: `select ${MOVIE_COLUMNS}, (${by}) as sort_value from catalogue.movies
           where ${where.join(' and ')}
           order by (${by})${collate} ${order}, movie_id ${order}
           limit ${value(parameters.limit + 1)}`,
    values,
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

/** By movies_by_search_text. */
const foundBy = (place: string): string =>
  `(search_text like '%' || ${place} || '%' or word_similarity(${place}, search_text) >= ${LIKENESS})`;

/** In thousandths, so that a cursor can name it exactly; the same title in full comes first. */
const likenessOf = (place: string): string =>
  `(round(word_similarity(${place}, search_text) * 1000) + round(similarity(${place}, search_text) * 500))::float8`;
