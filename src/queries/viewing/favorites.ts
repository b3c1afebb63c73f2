import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Instant, Uuid } from '../../domain/schemas.js';
import { decodeCursor, isDateText, listKey, pageOf } from '../serving/cursor.js';
import { nextCursor, paging } from '../serving/listParameters.js';
import { query } from '../query.js';
import { TITLE_NAME, TITLE_NAMES_CHANGE } from '../catalogue/titleName.js';

/** A person's favourites, newest first. */
export const favorites = query({
  name: 'favorites',
  parameters: Type.Object({ ...paging(100, 500) }, { additionalProperties: false }),
  answer: Type.Object(
    {
      favorites: Type.Array(
        Type.Object(
          {
            movieId: Uuid,
            title: Type.String(),
            releaseYear: Type.Optional(Type.Integer()),
            addedAt: Instant,
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
  readModels: ['favorites', 'catalogue'],
  dependsOn: (_, { userId }) => [`favorites:${userId}`, TITLE_NAMES_CHANGE],
  read: async ({ limit, cursor }, { userId }, readModels) => {
    const list = listKey('favorites');
    const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isDateText);
    const rows = await readModels.query<{
      title_id: string;
      name: { title: string; releaseYear?: number };
      added_at: Date;
    }>({
      name: 'favorites',
      // By favorites_by_age.
      text: `select title_id, ${TITLE_NAME}, added_at from {favorites}.favorites
             where user_id = $1
               and ($2::timestamptz is null or (added_at, title_id) < ($2, $3::uuid))
             order by added_at desc, title_id desc limit $4`,
      values: [userId, place?.value ?? null, place?.id ?? null, limit + 1],
    });
    const { page, nextCursor: next } = pageOf(rows, limit, list, (row) => ({
      value: row.added_at.toISOString(),
      id: row.title_id,
    }));
    return {
      favorites: page.map((row) => ({
        movieId: row.title_id,
        ...row.name,
        addedAt: row.added_at.toISOString(),
      })),
      nextCursor: next,
    };
  },
});
