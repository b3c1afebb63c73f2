import { movieState } from '../../../queries/viewing/movieState.js';
import { movieWatches } from '../../../queries/viewing/movieWatches.js';
import type { CommandName } from '../../../domain/commandTypes.js';
import { commandRoute, queryRoute, type Route } from '../route.js';

const tag = 'Watching';

const onMovie = (
  method: 'put' | 'delete',
  what: string,
  command: Extract<
    CommandName,
    | 'RateMovie'
    | 'RemoveRating'
    | 'WriteReview'
    | 'RemoveReview'
    | 'AddToFavorites'
    | 'RemoveFromFavorites'
    | 'AddToWatchlist'
    | 'RemoveFromWatchlist'
    | 'SetWatchState'
  >,
  operationId: string,
  summary: string,
): Route =>
  commandRoute({
    method,
    path: `/movies/{movieId}/${what}`,
    operationId,
    summary,
    tag,
    command,
    success: method === 'delete' ? 204 : 200,
  });

/** What a person does with a film. */
export const viewingRoutes: readonly Route[] = [
  queryRoute({
    path: '/movies/{movieId}/state',
    operationId: 'getMovieState',
    summary: 'What you have to do with a film',
    tag,
    query: movieState,
    missing: 'There is no such film.',
  }),
  queryRoute({
    path: '/movies/{movieId}/watches',
    operationId: 'listMovieWatches',
    summary: 'Your watches of a film',
    tag,
    query: movieWatches,
  }),
  commandRoute({
    method: 'post',
    path: '/movies/{movieId}/watches',
    operationId: 'recordWatch',
    summary: 'Record a watch',
    tag,
    command: 'RecordWatchEvent',
    success: 201,
    location: (id, { movieId = '' }) => `/api/v1/movies/${movieId}/watches/${id}`,
  }),
  commandRoute({
    method: 'post',
    path: '/me/watches',
    operationId: 'recordWatchByExternalId',
    summary: 'Record a watch of a film named by an external id, known here or not',
    tag,
    command: 'RecordWatchEvent',
    success: 201,
  }),
  commandRoute({
    method: 'patch',
    path: '/movies/{movieId}/watches/{watchId}',
    operationId: 'amendWatch',
    summary: 'Correct when a watch was, or its note',
    tag,
    command: 'AmendWatch',
    rename: { watchId: 'playId' },
  }),
  commandRoute({
    method: 'delete',
    path: '/movies/{movieId}/watches/{watchId}',
    operationId: 'removeWatch',
    summary: 'Undo a watch; it can be restored for 30 days',
    tag,
    command: 'RemoveWatch',
    rename: { watchId: 'playId' },
    success: 204,
  }),
  commandRoute({
    method: 'post',
    path: '/movies/{movieId}/watches/{watchId}/restore',
    operationId: 'restoreWatch',
    summary: 'Bring a removed watch back',
    tag,
    command: 'RestoreWatch',
    rename: { watchId: 'playId' },
  }),
  onMovie('put', 'rating', 'RateMovie', 'rateMovie', 'Rate a film, with a review if you like'),
  onMovie('delete', 'rating', 'RemoveRating', 'removeRating', 'Take a rating back'),
  onMovie('put', 'review', 'WriteReview', 'writeReview', 'Review a film'),
  onMovie('delete', 'review', 'RemoveReview', 'removeReview', 'Take a review back'),
  onMovie('put', 'favorite', 'AddToFavorites', 'addFavorite', 'Add to your favourites'),
  onMovie('delete', 'favorite', 'RemoveFromFavorites', 'removeFavorite', 'Favourite no more'),
  onMovie('put', 'watchlist', 'AddToWatchlist', 'addToWatchlist', 'Put on your watchlist'),
  onMovie(
    'delete',
    'watchlist',
    'RemoveFromWatchlist',
    'removeFromWatchlist',
    'Take off your watchlist',
  ),
  onMovie(
    'put',
    'watch-state',
    'SetWatchState',
    'setWatchState',
    'Drop a film, put it on hold, resume it, or say that you have seen it',
  ),
];
