import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Instant, Uuid } from '../../domain/schemas.js';
import { query } from '../query.js';

interface StateRow {
  readonly state: 'none' | 'want_to_watch' | 'watched' | 'dropped' | 'on_hold' | null;
  readonly want_to_rewatch: boolean | null;
  readonly in_watchlist: boolean | null;
  readonly plays: number | null;
  readonly favorite: boolean;
  readonly rating: number | null;
  readonly rated_at: Date | null;
  readonly review: string | null;
  readonly spoiler: boolean | null;
  readonly reviewed_at: Date | null;
  readonly favorite_at: Date | null;
  readonly wished_at: Date | null;
  readonly last_watched: Date | null;
}

/** What a person has to do with one film. */
export const movieState = query({
  name: 'movieState',
  parameters: Type.Object({ movieId: Uuid }, { additionalProperties: false }),
  answer: Type.Object(
    {
      movieId: Uuid,
      state: Type.Enum(['none', 'want_to_watch', 'watched', 'dropped', 'on_hold']),
      inWatchlist: Type.Boolean(),
      wantToRewatch: Type.Boolean(),
      addedToWatchlistAt: Type.Union([Instant, Type.Null()]),
      favorite: Type.Boolean(),
      addedToFavoritesAt: Type.Union([Instant, Type.Null()]),
      plays: Type.Integer({ minimum: 0 }),
      lastWatchedAt: Type.Union([Instant, Type.Null()]),
      rating: Type.Union([Type.Number({ minimum: 0, maximum: 10 }), Type.Null()]),
      ratedAt: Type.Union([Instant, Type.Null()]),
      review: Type.Union([Type.String(), Type.Null()]),
      reviewedAt: Type.Union([Instant, Type.Null()]),
      spoiler: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: ['catalogue', 'watchlist', 'favorites', 'ratings', 'history'],
  dependsOn: ({ movieId }, { userId }) => [
    `movie:${movieId}`,
    ...['watchlist', 'favorites', 'ratings', 'history'].map(
      (readModel) => `${readModel}:${userId}:${movieId}`,
    ),
  ],
  read: async ({ movieId }, { userId }, readModels) => {
    const [row] = await readModels.query<StateRow>({
      name: 'movieState',
      text: `select w.state, w.want_to_rewatch, w.in_watchlist, w.plays,
                    w.added_at as wished_at, f.user_id is not null as favorite,
                    f.added_at as favorite_at, r.rating, r.rated_at, r.review, r.reviewed_at, r.spoiler,
                    (select max(p.moment) from {history}.plays p
                     where p.user_id = $1 and p.title_id = m.movie_id
                       and p.rewatch_number is not null) as last_watched
             from (select $2::uuid as movie_id) m
             left join {watchlist}.entries w on w.user_id = $1 and w.title_id = m.movie_id
             left join {favorites}.favorites f on f.user_id = $1 and f.title_id = m.movie_id
             left join {ratings}.ratings r on r.user_id = $1 and r.title_id = m.movie_id
             -- A film that was watched may be unknown to the catalogue as yet.
             where exists (select from {catalogue}.movies c where c.movie_id = m.movie_id)
                or w.user_id is not null or f.user_id is not null or r.user_id is not null`,
      values: [userId, movieId],
    });
    return (
      row && {
        movieId,
        state: row.state ?? 'none',
        inWatchlist: row.in_watchlist ?? false,
        wantToRewatch: row.want_to_rewatch ?? false,
        addedToWatchlistAt: row.wished_at?.toISOString() ?? null,
        favorite: row.favorite,
        addedToFavoritesAt: row.favorite_at?.toISOString() ?? null,
        plays: row.plays ?? 0,
        lastWatchedAt: row.last_watched?.toISOString() ?? null,
        rating: row.rating,
        ratedAt: row.rated_at?.toISOString() ?? null,
        review: row.review,
        reviewedAt: row.reviewed_at?.toISOString() ?? null,
        spoiler: row.spoiler ?? false,
      }
    );
  },
});
