import { Type } from 'typebox';
import { mayRead } from '../../../domain/account/permissions.js';
import { Uuid } from '../../../domain/schemas.js';
import { decodeCursor, isText, listKey, pageOf } from '../../serving/cursor.js';
import { nextCursor, paging } from '../../serving/listParameters.js';
import { query } from '../../query.js';
import { STANDING, standing, standingChanges, STANDS_IN } from './standing.js';

/** The collections by name, and how far the person who asks is with each. */
export const collections = query({
  name: 'collections',
  parameters: Type.Object({ ...paging(100, 500) }, { additionalProperties: false }),
  answer: Type.Object(
    {
      collections: Type.Array(
        Type.Object(
          {
            id: Uuid,
            name: Type.String(),
            posterPath: Type.Optional(Type.String()),
            ...standing,
          },
          { additionalProperties: false },
        ),
      ),
      nextCursor,
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: STANDS_IN,
  dependsOn: (_, { userId }) => standingChanges(userId),
  read: async ({ limit, cursor }, { userId }, readModels) => {
    const list = listKey('collections');
    const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isText);
    const rows = await readModels.query<{
      collection_id: string;
      name: string;
      sort_key: string;
      poster_path: string | null;
      total: number;
      have: number;
      seen: number;
    }>({
      name: 'collections',
      // By collections_by_name.
      text: `with chosen as materialized (
               select * from {collections}.collections
               where $2::text is null or (sort_key, collection_id) > ($2, $3::uuid)
               order by sort_key, collection_id limit $4
             ), ${STANDING}
             select collection_id, name, sort_key, poster_path, count(s.nth)::int as total,
                    count(s.movie_id)::int as have, count(*) filter (where s.seen)::int as seen
             from chosen left join standing s using (collection_id)
             group by collection_id, name, sort_key, poster_path
             order by sort_key, collection_id`,
      values: [userId, place?.value ?? null, place?.id ?? null, limit + 1],
    });
    const { page, nextCursor: next } = pageOf(rows, limit, list, (row) => ({
      value: row.sort_key,
      id: row.collection_id,
    }));
    return {
      collections: page.map(({ collection_id: id, name, poster_path, total, have, seen }) => ({
        ...{ id, name, total, have, seen },
        ...(poster_path === null ? {} : { posterPath: poster_path }),
      })),
      nextCursor: next,
    };
  },
});
