import { achievements } from '../../../queries/stats/achievements.js';
import { favorites } from '../../../queries/viewing/favorites.js';
import { history } from '../../../queries/viewing/history.js';
import { profile } from '../../../queries/accounts/profile.js';
import { ratings } from '../../../queries/viewing/ratings.js';
import { stats } from '../../../queries/stats/stats.js';
import { streaks } from '../../../queries/stats/streaks.js';
import { watchlist } from '../../../queries/viewing/watchlist.js';
import { commandRoute, queryRoute, type Route } from '../route.js';

const tag = 'You';

/** A person's own account, lists and numbers. */
export const meRoutes: readonly Route[] = [
  queryRoute({
    path: '/me',
    operationId: 'getProfile',
    summary: 'Your account',
    tag,
    query: profile,
    missing: 'There is no such account.',
  }),
  commandRoute({
    method: 'patch',
    path: '/me',
    operationId: 'changeProfile',
    summary: 'Change your display name, time zone or preferences',
    tag,
    command: 'ChangeProfile',
  }),
  queryRoute({
    path: '/me/history',
    operationId: 'listHistory',
    summary: 'What you watched, newest first',
    tag,
    query: history,
  }),
  queryRoute({
    path: '/me/watchlist',
    operationId: 'listWatchlist',
    summary: 'Your watchlist',
    tag,
    query: watchlist,
  }),
  queryRoute({
    path: '/me/favorites',
    operationId: 'listFavorites',
    summary: 'Your favourites',
    tag,
    query: favorites,
  }),
  queryRoute({
    path: '/me/ratings',
    operationId: 'listRatings',
    summary: 'Your ratings',
    tag,
    query: ratings,
  }),
  queryRoute({
    path: '/me/stats',
    operationId: 'getStats',
    summary: 'What your watching adds up to: all time, a year, a month or any range of days',
    tag,
    query: stats,
  }),
  queryRoute({
    path: '/me/streaks',
    operationId: 'getStreaks',
    summary: 'Days and weeks in a row',
    tag,
    query: streaks,
  }),
  queryRoute({
    path: '/me/achievements',
    operationId: 'listAchievements',
    summary: 'All achievements with your progress',
    tag,
    query: achievements,
  }),
  commandRoute({
    method: 'post',
    path: '/me/achievements/seen',
    operationId: 'markAchievementsSeen',
    summary: 'Mark achievements as seen',
    tag,
    command: 'MarkAchievementsSeen',
  }),
];
