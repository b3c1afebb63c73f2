import { Type } from 'typebox';
import { mayRead } from '../../../domain/account/permissions.js';
import type { ReadModels } from '../../ports/readModels.js';
import { query } from '../../query.js';
import { foundFilms, searchParameter } from '../foundFilms.js';
import { conditionsOf, filmFilters, type FilmFilters } from './filters.js';
import { filmLists } from './personalFilters.js';

/** There are thousands of studios: these are the most frequent. */
const MOST_STUDIOS = 50;

const movies = Type.Integer({ minimum: 1 });
const name = Type.String();
const named = Type.Object({ name, movies }, { additionalProperties: false });

/** How many films a list has, and how many of them are of each genre, decade, studio and language. */
export const movieFacets = query({
  name: 'movieFacets',
  parameters: Type.Object({ q: searchParameter, ...filmFilters }, { additionalProperties: false }),
  answer: Type.Object(
    {
      total: Type.Integer({ minimum: 0 }),
      genres: Type.Array(named),
      decades: Type.Array(
        Type.Object({ decade: Type.Integer(), movies }, { additionalProperties: false }),
      ),
      studios: Type.Array(named, { description: `The ${MOST_STUDIOS} most frequent.` }),
      languages: Type.Array(
        Type.Object({ language: Type.String(), movies }, { additionalProperties: false }),
      ),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  ...filmLists,
  read: async ({ q, ...filters }, { userId }, readModels) => {
    const found =
      q === undefined ? undefined : await foundFilms({ ...filters, q }, userId, readModels);
    const rows = await counted(
      filters,
      userId,
      found?.map(({ id }) => id),
      readModels,
    );
    const of = (facet: string): readonly CountRow[] => rows.filter((row) => row.facet === facet);
    const named = ({ value, movies }: CountRow) => ({ name: value, movies });
    return {
      total: of('total')[0]?.movies ?? 0,
      genres: of('genre').map(named),
      decades: of('decade').map(({ value, movies }) => ({ decade: Number(value), movies })),
      studios: of('studio').map(named),
      languages: of('language').map(({ value, movies }) => ({ language: value, movies })),
    };
  },
});

interface CountRow {
  readonly facet: string;
  readonly value: string;
  readonly movies: number;
}

/** The counts of each facet, the greatest first; decades in their order. */
const counted = (
  filters: FilmFilters,
  userId: string,
  among: readonly string[] | undefined,
  readModels: ReadModels,
): Promise<readonly CountRow[]> => {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const where = ['true', ...conditionsOf(filters, userId, value)];
  if (among) where.push(`movie_id = any(${value(among)}::uuid[])`);
  return readModels.query<CountRow>({
    // The films once, as narrow as they can be, and each facet of them.
    text: `
      select facet, value, movies from (
        with films as materialized (
          select genres, studio_keys, year / 10 * 10 as decade, language from {catalogue}.listed
          where ${where.join(' and ')})
        select 'total' as facet, '' as value, count(*)::int as movies from films
        union all
        select 'genre', value, count(*)::int from (select unnest(genres) as value from films) g
        group by value
        union all
        select 'decade', decade::text, count(*)::int from films where decade is not null
        group by decade
        union all
        select 'language', language, count(*)::int from films where language is not null
        group by language
        union all
        select 'studio',
               (select n.name from {catalogue}.name_counts n where n.kind = 'studio' and n.key = top.value
                order by n.movies desc, n.name limit 1), movies
        from (select value, count(*)::int as movies
              from (select unnest(studio_keys) as value from films) s
              group by value order by movies desc, value collate "C" limit ${MOST_STUDIOS}) top
      ) counts
      order by facet, case when facet = 'decade' then value end, movies desc, value collate "C"`,
    values,
  });
};
