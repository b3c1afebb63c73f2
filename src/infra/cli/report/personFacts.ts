import { achievements } from '../../../queries/stats/achievements.js';
import { history } from '../../../queries/viewing/history.js';
import type { ReadModels } from '../../../queries/ports/readModels.js';
import { profile } from '../../../queries/accounts/profile.js';
import type { Asker } from '../../../queries/query.js';
import { ratings } from '../../../queries/viewing/ratings.js';
import { stats } from '../../../queries/stats/stats.js';
import { streaks } from '../../../queries/stats/streaks.js';

/** A query's answer when there is one. */
type AnswerOf<Query extends { readonly read: (...args: never[]) => Promise<unknown> }> =
  NonNullable<Awaited<ReturnType<Query['read']>>>;

/** What a report on a person tells. */
export interface PersonFacts {
  readonly profile: AnswerOf<typeof profile>;
  readonly stats: AnswerOf<typeof stats>;
  readonly streaks: AnswerOf<typeof streaks>;
  readonly achievements: AnswerOf<typeof achievements>;
  /** Newest first; the last 500. */
  readonly watches: AnswerOf<typeof history>['watches'];
  /** Titles of films watched or rated lately, by id. */
  readonly titles: ReadonlyMap<string, string>;
  /** The person's ratings of those films. */
  readonly ratingOf: ReadonlyMap<string, number>;
}

const PAGE = 500;

/** Asks the queries that clients ask. @returns `undefined` when there is no such person */
export const personFacts = async (
  readModels: ReadModels,
  person: { readonly userId: string; readonly now: Date },
): Promise<PersonFacts | undefined> => {
  const { userId, now } = person;
  const account = await profile.read({}, { userId, zone: 'UTC', now }, readModels);
  if (!account) return undefined;
  const { dayEndsAt } = account.preferences;
  const asker: Asker = { userId, zone: account.timezone, dayEndsAt, now };
  const [sums, inARow, earned, watched, rated] = await Promise.all([
    stats.read({ period: 'all', limit: 20 }, asker, readModels),
    streaks.read({}, asker, readModels),
    achievements.read({}, asker, readModels),
    history.read({ sort: 'watched', limit: PAGE }, asker, readModels),
    ratings.read({ sort: 'rated', limit: PAGE }, asker, readModels),
  ]);
  if (!sums || !inARow || !earned || !watched || !rated) return undefined;
  return {
    profile: account,
    stats: sums,
    streaks: inARow,
    achievements: earned,
    watches: watched.watches,
    titles: new Map(
      [...rated.ratings, ...watched.watches].map(({ movieId, title }) => [movieId, title]),
    ),
    ratingOf: new Map(rated.ratings.map(({ movieId, rating }) => [movieId, rating])),
  };
};
