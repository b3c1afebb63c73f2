import { Type } from 'typebox';

/** How far somebody is with a collection. */
export const standing = {
  total: Type.Integer({ minimum: 0, description: 'The films that belong to it.' }),
  have: Type.Integer({ minimum: 0, description: 'Those of them that the catalogue has.' }),
  seen: Type.Integer({ minimum: 0, description: 'Those of them that you have watched.' }),
};

/**
 * The parts of the collections in `chosen`, an earlier table of the statement, as they stand for the person `$1`. A film
 * is found by the id that follows from its TMDb id, or, where it has another id, among those that name the collection.
 */
export const STANDING = `
  candidates as (
    select movie_id from {catalogue}.listed where collection_id in (select collection_id from chosen)
    union
    select title_id from {collections}.parts join chosen using (collection_id)
  ), films as (
    select distinct on (tmdb_id) movie_id, (details ->> 'tmdbId')::integer as tmdb_id
    from {catalogue}.movies join candidates using (movie_id)
    where status = 'live' and details ->> 'tmdbId' is not null
    order by (details ->> 'tmdbId')::integer, movie_id
  ), standing as (
    select p.*, f.movie_id, exists (
      select from {history}.plays mine
      where mine.user_id = $1 and mine.title_id = coalesce(f.movie_id, p.title_id)
        and mine.rewatch_number is not null) as seen
    from {collections}.parts p join chosen using (collection_id)
      left join films f on f.tmdb_id = p.tmdb_id
  )`;

/** What both questions are made of. */
export const STANDS_IN: readonly string[] = ['collections', 'catalogue', 'history'];

/** What changes their answers for one person. */
export const standingChanges = (userId: string): readonly string[] => [
  'collections:list',
  'catalogue:list',
  `history:${userId}`,
];
