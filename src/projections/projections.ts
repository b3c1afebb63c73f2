import { accounts } from './accounts/accounts.js';
import { achievements } from './achievements/achievements.js';
import { catalogue } from './catalogue/catalogue.js';
import { collections } from './collections/collections.js';
import { favorites } from './favorites/favorites.js';
import { history } from './history/history.js';
import { libraries } from './libraries/libraries.js';
import type { Projection } from './ports/projection.js';
import { ratings } from './ratings/ratings.js';
import { stats } from './stats/stats.js';
import { streaks } from './streaks/streaks.js';
import { watchlist } from './watchlist/watchlist.js';

/** Every read model there is. */
export const projections: readonly Projection[] = [
  accounts,
  catalogue,
  collections,
  libraries,
  history,
  watchlist,
  favorites,
  ratings,
  stats,
  streaks,
  achievements,
];
