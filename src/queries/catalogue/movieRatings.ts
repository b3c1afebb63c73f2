import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Uuid } from '../../domain/schemas.js';
import { query } from '../query.js';

/**
 * What everybody here thinks of a film: how many ratings, and their mean to one decimal. The mean of one rating is
 * that rating: it is told to whoever gave it alone.
 */
export const movieRatings = query({
  name: 'movieRatings',
  parameters: Type.Object({ movieId: Uuid }, { additionalProperties: false }),
  answer: Type.Object(
    {
      movieId: Uuid,
      count: Type.Integer({ minimum: 0 }),
      mean: Type.Union([Type.Number({ minimum: 0, maximum: 10 }), Type.Null()]),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: ['catalogue', 'ratings'],
  dependsOn: ({ movieId }) => [`movie:${movieId}`, `movie-ratings:${movieId}`],
  read: async ({ movieId }, { userId }, readModels) => {
    const [row] = await readModels.query<{ count: number; mean: number | null }>({
      name: 'movieRatings',
      text: `select coalesce(r.ratings, 0) as count,
                    case when r.ratings > 1 or exists (
                           select from {ratings}.ratings o
                           where o.user_id = $2 and o.title_id = m.movie_id and o.rating is not null)
                         then round(r.tenths / 10.0 / nullif(r.ratings, 0), 1) end as mean
             from {catalogue}.movies m left join {ratings}.title_ratings r on r.title_id = m.movie_id
             where m.movie_id = $1 and m.status = 'live'`,
      values: [movieId, userId],
    });
    return row && { movieId, count: row.count, mean: row.mean };
  },
});
