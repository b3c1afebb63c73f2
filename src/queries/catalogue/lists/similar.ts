import { Type, type Static } from 'typebox';
import { mayRead } from '../../../domain/account/permissions.js';
import { byNameKey } from '../../../domain/movie/search/nameKey.js';
import { Uuid } from '../../../domain/schemas.js';
import { query } from '../../query.js';
import { MOVIE_COLUMNS, SummaryAnswer, toMovie, type MovieRow } from '../movie.js';

const MOST = 50;
const USUAL = 20;
/** So many films of the same genres are looked at, those with most votes. */
const OF_THE_GENRES = 500;

const Person = Type.Object(
  { personId: Uuid, name: Type.String() },
  { additionalProperties: false },
);

interface SimilarRow extends MovieRow {
  readonly shared_people: Static<typeof Person>[];
  readonly same_collection: boolean;
  readonly shared_genres: readonly string[];
  readonly shared_keywords: readonly string[];
}

const reasons = Type.Object(
  {
    collectionId: Type.Optional(Uuid),
    genres: Type.Array(Type.String()),
    keywords: Type.Array(Type.String()),
    people: Type.Array(Person, {
      description: 'Who directs or writes or is among the first ten of the cast, in both films.',
    }),
  },
  {
    additionalProperties: false,
    description: 'What a film shares with the one that was asked for.',
  },
);

/**
 * The films that share most with a film, the most alike first. A collection weighs most; a keyword the more the fewer
 * films have it; a person as much as a keyword that a few films have; a genre least. Of films that are as alike those with more votes come first.
 */
export const similarMovies = query({
  name: 'similarMovies',
  parameters: Type.Object(
    {
      movieId: Uuid,
      limit: Type.Integer({ minimum: 1, maximum: MOST, default: USUAL }),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object(
    {
      movies: Type.Array(
        Type.Object({ movie: SummaryAnswer, reasons }, { additionalProperties: false }),
      ),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  read: async ({ movieId, limit }, _, readModels) => {
    const [film] = await readModels.query<MovieRow>({
      name: 'similarTo',
      text: `select ${MOVIE_COLUMNS} from {catalogue}.movies where movie_id = $1 and status = 'live'`,
      values: [movieId],
    });
    if (!film) return undefined;
    const { collectionId = null, genres = [], keywords } = film.details;
    const keywordNames = byNameKey(keywords);
    const rows = await readModels.query<SimilarRow>({
      name: 'similarMovies',
      text: SIMILAR,
      values: [movieId, collectionId, genres, [...keywordNames.keys()], limit],
    });
    return {
      movies: rows.map((row) => ({
        movie: toMovie(row),
        reasons: {
          ...(row.same_collection && collectionId !== null ? { collectionId } : {}),
          genres: genres.filter((genre) => row.shared_genres.includes(genre)),
          keywords: row.shared_keywords.flatMap((key) => keywordNames.get(key) ?? []),
          people: row.shared_people,
        },
      })),
    };
  },
});

/** Those of whose films others may be found: not everybody who once built a set. */
const IS_KEY_ROLE = `(part = 'cast' and nth < 10
  or part = 'crew' and job in ('Director', 'Writer', 'Screenplay', 'Story', 'Author', 'Novel'))`;

/**
 * Looks at films of the same collection, at those with a keyword or a person in common, and at the best known of those with
 * all of the genres, each by an index.
 */
const SIMILAR = `
  with weights as materialized (
    select key, 2 / (1 + ln(sum(movies))) as weight from {catalogue}.name_counts
    where kind = 'keyword' and key = any($4::text[]) group by key
  ), people as materialized (
    select person_id, min(nth) as place, (array_agg(name order by nth))[1] as name from {catalogue}.credits
    where movie_id = $1 and ${IS_KEY_ROLE} group by person_id
  ), in_both as materialized (
    select theirs.movie_id, count(*) as people,
           json_agg(json_build_object('personId', person_id, 'name', name) order by place, person_id) as shared_people
    from people cross join lateral (
      select distinct movie_id from {catalogue}.credits role
      where role.person_id = people.person_id and ${IS_KEY_ROLE}) theirs
    group by theirs.movie_id
  ), candidates as (
    select movie_id from in_both
    union
    select movie_id from {catalogue}.listed where collection_id = $2::uuid
    union
    select movie_id from {catalogue}.listed where keyword_keys && $4::text[]
    union
    (select movie_id from {catalogue}.listed where $3::text[] <> '{}' and genres @> $3::text[]
     order by votes desc, movie_id limit ${OF_THE_GENRES})
  ), shared as (
    select movie_id, votes, coalesce(collection_id = $2::uuid, false) as same_collection,
           array(select unnest(genres) intersect select unnest($3::text[])) as shared_genres,
           array(select key from weights where key = any(keyword_keys) order by weight desc, key) as shared_keywords,
           coalesce((select sum(weight) from weights where key = any(keyword_keys)), 0) as keyword_weight,
           coalesce(people, 0) as people, coalesce(shared_people, '[]') as shared_people
    from {catalogue}.listed join candidates using (movie_id) left join in_both using (movie_id)
    where movie_id <> $1
  ), best as (
    select *, 5 * same_collection::int + people + keyword_weight + 0.5 * cardinality(shared_genres) as likeness
    from shared order by likeness desc, votes desc, movie_id limit $5
  )
  select ${MOVIE_COLUMNS}, same_collection, shared_genres, shared_keywords, shared_people
  from (select movie_id, same_collection, shared_genres, shared_keywords, shared_people, likeness from best) best
  join {catalogue}.movies using (movie_id)
  order by likeness desc, votes desc, movie_id`;
