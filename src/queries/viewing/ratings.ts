import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Instant, Uuid } from '../../domain/schemas.js';
import { decodeCursor, isDateText, isNumber, listKey, pageOf } from '../serving/cursor.js';
import { nextCursor, paging } from '../serving/listParameters.js';
import { query } from '../query.js';
import { TITLE_NAME, TITLE_NAMES_CHANGE } from '../catalogue/titleName.js';

interface RatingRow {
  readonly title_id: string;
  readonly name: { readonly title: string; readonly releaseYear?: number };
  readonly rating: number;
  readonly rated_at: Date;
  readonly review: string | null;
  readonly spoiler: boolean;
  readonly reviewed_at: Date | null;
}

/** A person's own ratings, newest or best first. */
export const ratings = query({
  name: 'ratings',
  parameters: Type.Object(
    {
      sort: Type.Enum(['rated', 'rating'], { default: 'rated' }),
      ...paging(100, 500),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object(
    {
      ratings: Type.Array(
        Type.Object(
          {
            movieId: Uuid,
            title: Type.String(),
            releaseYear: Type.Optional(Type.Integer()),
            rating: Type.Number({ minimum: 0, maximum: 10 }),
            ratedAt: Instant,
            review: Type.Optional(Type.String()),
            spoiler: Type.Optional(Type.Boolean()),
            reviewedAt: Type.Optional(Instant),
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
  readModels: ['ratings', 'catalogue'],
  dependsOn: (_, { userId }) => [`ratings:${userId}`, TITLE_NAMES_CHANGE],
  read: async ({ sort, limit, cursor }, { userId }, readModels) => {
    const [by, type] = sort === 'rating' ? ['rating', 'numeric'] : ['rated_at', 'timestamptz'];
    const list = listKey('ratings', sort);
    const place =
      cursor === undefined
        ? undefined
        : decodeCursor(cursor, list, sort === 'rating' ? isNumber : isDateText);
    const rows = await readModels.query<RatingRow>({
      name: `ratings.${sort}`,
      // By ratings_by_age or ratings_by_value.
      text: `select title_id, ${TITLE_NAME}, rating, rated_at, review, spoiler, reviewed_at
             from {ratings}.ratings
             where user_id = $1 and rating is not null
               and ($2::${type} is null or (${by}, title_id) < ($2::${type}, $3::uuid))
             order by ${by} desc, title_id desc limit $4`,
      values: [userId, place?.value ?? null, place?.id ?? null, limit + 1],
    });
    const { page, nextCursor: next } = pageOf(rows, limit, list, (row) => ({
      value: sort === 'rating' ? row.rating : row.rated_at.toISOString(),
      id: row.title_id,
    }));
    return {
      ratings: page.map((row) => ({
        movieId: row.title_id,
        ...row.name,
        rating: row.rating,
        ratedAt: row.rated_at.toISOString(),
        ...(row.review === null || row.reviewed_at === null
          ? {}
          : {
              review: row.review,
              spoiler: row.spoiler,
              reviewedAt: row.reviewed_at.toISOString(),
            }),
      })),
      nextCursor: next,
    };
  },
});
