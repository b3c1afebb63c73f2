import { expect } from 'chai';
import fc from 'fast-check';
import { viewingDecider } from '../../src/domain/viewing/viewing.js';
import { standing, type ViewingState } from '../../src/domain/viewing/state.js';
import { favorites } from '../../src/projections/favorites/favorites.js';
import { ratings } from '../../src/projections/ratings/ratings.js';
import { watchlist } from '../../src/projections/watchlist/watchlist.js';
import { openReadModel, type ReadModel } from '../support/readModels/readModel.js';
import { survivingPlays } from '../support/histories/survivingPlays.js';
import {
  pagesOf,
  pageSizes,
  viewingHistories,
  type RecordedViewing,
} from '../support/histories/viewingHistories.js';

/** What the domain knows of each person and title in the end. */
const statesOf = (events: readonly RecordedViewing[]): ReadonlyMap<string, ViewingState> => {
  const states = new Map<string, ViewingState>();
  for (const event of events) {
    const key = `${event.data.userId} ${event.data.titleId}`;
    states.set(key, viewingDecider.evolve(states.get(key) ?? viewingDecider.initialState, event));
  }
  return states;
};

const lawOf = (
  check: (events: readonly RecordedViewing[], model: ReadModel) => Promise<void>,
  model: () => ReadModel,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(viewingHistories(), pageSizes, async (events, sizes) => {
      await model().project(pagesOf(events, sizes));
      await check(events, model());
    }),
    { numRuns: 25 },
  );

describe('Lists of any history', () => {
  const models = new Map<string, ReadModel>();
  const modelOf = (name: string) => () => {
    const model = models.get(name);
    if (!model) throw new Error(`no read model "${name}"`);
    return model;
  };
  before(async () => {
    for (const projection of [favorites, ratings, watchlist]) {
      models.set(projection.name, await openReadModel(projection));
    }
  });
  after(async () => {
    for (const model of models.values()) await model.close();
  });

  it('hold the favourites that people have', () =>
    lawOf(async (events, { database }) => {
      const rows = await database.query<{ key: string }>({
        text: `select user_id || ' ' || title_id as key from favorites.favorites order by key`,
      });
      const liked = [...statesOf(events)].filter(([, { favorite }]) => favorite);
      expect(rows.map(({ key }) => key)).to.deep.equal(liked.map(([key]) => key).sort());
    }, modelOf('favorites')));

  it('hold the one rating and the one review that stand, and their sums for each film', () =>
    lawOf(async (events, { database }) => {
      const rows = await database.query<{ key: string; rating: number; review: string }>({
        text: `select user_id || ' ' || title_id as key, rating, review from ratings.ratings
               order by key`,
      });
      const standing = [...statesOf(events)]
        .filter(([, { rating, review }]) => rating !== undefined || review !== undefined)
        .map(([key, { rating, review }]) => ({
          key,
          rating: rating ?? null,
          review: review?.text ?? null,
        }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      expect(rows).to.deep.equal(standing);

      const sums = await database.query<{ title_id: string; ratings: number; tenths: number }>({
        text: `select * from ratings.title_ratings where ratings > 0 order by title_id`,
      });
      const films = [...new Set(standing.map(({ key }) => key.split(' ')[1] ?? ''))].sort();
      const expected = films.flatMap((title_id) => {
        const given = standing.filter(
          ({ key, rating }) => key.endsWith(title_id) && rating !== null,
        );
        const tenths = given.reduce((sum, { rating }) => sum + Math.round((rating ?? 0) * 10), 0);
        return given.length === 0 ? [] : [{ title_id, ratings: given.length, tenths }];
      });
      expect(sums).to.deep.equal(expected);
    }, modelOf('ratings')));

  it('hold where each film stands for each person', () =>
    lawOf(async (events, { database }) => {
      const rows = await database.query<{ key: string }>({
        text: `select user_id || ' ' || title_id as key, plays, state, want_to_rewatch,
                      in_watchlist
               from watchlist.entries where state <> 'none' order by key`,
      });
      const plays = survivingPlays(events);
      const expected = [...statesOf(events)]
        .map(([key, viewing]) => {
          const counted = plays.filter((play) => `${play.userId} ${play.titleId}` === key).length;
          const { watchState, inWatchlist } = standing(viewing);
          const want_to_rewatch = 'wantToRewatch' in watchState && watchState.wantToRewatch;
          const { state } = watchState;
          return { key, plays: counted, state, want_to_rewatch, in_watchlist: inWatchlist };
        })
        .filter(({ state }) => state !== 'none')
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      expect(rows).to.deep.equal(expected);
    }, modelOf('watchlist')));
});
