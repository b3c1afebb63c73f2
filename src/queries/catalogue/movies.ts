import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import {
  decodeCursor,
  InvalidParameter,
  isNumber,
  listKey,
  pageOf,
  type Cursor,
} from '../serving/cursor.js';
import { nextCursor, paging } from '../serving/listParameters.js';
import { conditionsOf, filmFilters } from './lists/filters.js';
import { filmLists, sourcesOfLists } from './lists/personalFilters.js';
import { orderOf, sortParameters } from './lists/sorts.js';
import { MOVIE_COLUMNS, SummaryAnswer, toMovie, type MovieRow } from './movie.js';
import { bestFirst, foundFilms, searchParameter, type Found } from './foundFilms.js';
import type { ReadModels } from '../ports/readModels.js';
import { query } from '../query.js';

const Parameters = Type.Object(
  {
    q: searchParameter,
    ...sortParameters,
    ...filmFilters,
    ...paging(20, 100),
  },
  { additionalProperties: false },
);
type Parameters = Static<typeof Parameters>;

/** The films: sorted, filtered, or searched by their titles, as `foundFilms` does. */
export const movies = query({
  name: 'movies',
  parameters: Parameters,
  answer: Type.Object(
    { movies: Type.Array(SummaryAnswer), nextCursor },
    { additionalProperties: false },
  ),
  requires: mayRead,
  ...filmLists,
  sources: sourcesOfLists,
  read: async (parameters, { userId }, readModels) => {
    const found =
      parameters.q === undefined
        ? undefined
        : await foundFilms({ ...parameters, q: parameters.q }, userId, readModels);
    return found !== undefined && parameters.sort === undefined
      ? byLikeness(found, parameters, readModels)
      : sorted(parameters, userId, readModels, found);
  },
});

/** Names the list of films that these parameters ask for, in this order. */
const listOf = ({ limit: _, cursor: __, ...asked }: Parameters, order: string): string =>
  listKey('movies', order, JSON.stringify(Object.entries(asked).sort()));

interface Answer {
  movies: SummaryAnswer[];
  nextCursor: string | null;
}

/** A page of what was found, the best first, or last where that was asked for. */
const byLikeness = async (
  found: readonly Found[],
  parameters: Parameters,
  readModels: ReadModels,
): Promise<Answer> => {
  const { order = 'desc', seed, limit, cursor } = parameters;
  if (seed !== undefined) throw new InvalidParameter('seed', 'is for "sort=random" alone');
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
  userId: string,
  readModels: ReadModels,
  found: readonly Found[] | undefined,
): Promise<Answer> => {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const where = ['true', ...conditionsOf(parameters, userId, value)];
  if (found) where.push(`movie_id = any(${value(found.map(({ id }) => id))}::uuid[])`);
  const { by, type, order, isValue } = orderOf(parameters, value);
  const list = listOf({ ...parameters, sort: parameters.sort ?? 'title' }, order);
  if (parameters.cursor !== undefined) {
    const cursor = decodeCursor(parameters.cursor, list, isValue);
    where.push(
      `(${by}, movie_id) ${order === 'asc' ? '>' : '<'} (${value(cursor.value)}::${type}, ${value(cursor.id)}::uuid)`,
    );
  }
  const rows = await readModels.query<MovieRow & { readonly sort_value: SortValue }>({
    // The page is found among what films are listed by, which is narrow: the rest is read of its films alone.
    text: `select ${MOVIE_COLUMNS}, sort_value
           from (select movie_id, ${by} as sort_value from {catalogue}.listed
                 where ${where.join(' and ')}
                 order by ${by} ${order}, movie_id ${order}
                 limit ${value(parameters.limit + 1)}) page
           join {catalogue}.movies using (movie_id)
           order by sort_value ${order}, movie_id ${order}`,
    values,
  });
  const { page, nextCursor: next } = pageOf(rows, parameters.limit, list, (row): Cursor => ({
    value: cursorValue(row.sort_value),
    id: row.movie_id,
  }));
  return { movies: page.map((row) => toMovie(row)), nextCursor: next };
};

type SortValue = string | number | bigint | Date;

const cursorValue = (value: SortValue): string | number => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? value.toString() : value;
};
