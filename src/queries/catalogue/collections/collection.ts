import { Type } from 'typebox';
import { mayRead } from '../../../domain/account/permissions.js';
import { collectionDetails, CollectionPart } from '../../../domain/collection/events.js';
import { Instant, Uuid } from '../../../domain/schemas.js';
import { query } from '../../query.js';
import { STANDING, standing, standingChanges, STANDS_IN } from './standing.js';

const { parts: _, ...details } = collectionDetails;

const Part = Type.Object(
  {
    order: Type.Integer({ minimum: 1, description: 'By release; films without a date are last.' }),
    ...CollectionPart.properties,
    movieId: Type.Optional(
      Type.Unsafe<string>({ ...Uuid, description: 'Absent where the catalogue lacks the film.' }),
    ),
    seen: Type.Boolean({ description: 'Whether you have watched it.' }),
  },
  { additionalProperties: false },
);

/** One collection, its films in order, and how far the person who asks is with them. */
export const collection = query({
  name: 'collection',
  parameters: Type.Object({ collectionId: Uuid }, { additionalProperties: false }),
  answer: Type.Object(
    {
      id: Uuid,
      ...details,
      ...standing,
      parts: Type.Array(Part),
      createdAt: Instant,
      updatedAt: Instant,
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: STANDS_IN,
  dependsOn: (__, { userId }) => standingChanges(userId),
  read: async ({ collectionId }, { userId }, readModels) => {
    const rows = await readModels.query<CollectionRow>({
      name: 'collection',
      text: `with chosen as materialized (
               select * from {collections}.collections where collection_id = $2
             ), ${STANDING}
             select chosen.*, s.nth, s.tmdb_id as part_tmdb_id, s.title, s.release_date::text, s.movie_id, s.seen
             from chosen left join standing s using (collection_id) order by s.nth`,
      values: [userId, collectionId],
    });
    const [row] = rows;
    if (!row) return undefined;
    const parts = rows.flatMap(partOf);
    return {
      id: row.collection_id,
      tmdbId: row.tmdb_id,
      name: row.name,
      ...(row.overview === null ? {} : { overview: row.overview }),
      ...(row.poster_path === null ? {} : { posterPath: row.poster_path }),
      ...(row.backdrop_path === null ? {} : { backdropPath: row.backdrop_path }),
      total: parts.length,
      have: parts.filter(({ movieId }) => movieId !== undefined).length,
      seen: parts.filter(({ seen }) => seen).length,
      parts,
      createdAt: row.added_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    };
  },
});

/** A collection beside one of its parts; a collection without parts is there once, beside none. */
type CollectionRow = {
  readonly collection_id: string;
  readonly tmdb_id: number;
  readonly name: string;
  readonly overview: string | null;
  readonly poster_path: string | null;
  readonly backdrop_path: string | null;
  readonly added_at: Date;
  readonly updated_at: Date;
} & (
  | {
      readonly nth: number;
      readonly part_tmdb_id: number;
      readonly title: string;
      readonly release_date: string | null;
      readonly movie_id: string | null;
      readonly seen: boolean;
    }
  | { readonly nth: null }
);

const partOf = (row: CollectionRow) =>
  row.nth === null
    ? []
    : [
        {
          order: row.nth,
          tmdbId: row.part_tmdb_id,
          title: row.title,
          ...(row.release_date === null ? {} : { releaseDate: row.release_date }),
          ...(row.movie_id === null ? {} : { movieId: row.movie_id }),
          seen: row.seen,
        },
      ];
