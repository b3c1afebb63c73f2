import type { Instant } from '../schemas.js';
import { noonOf } from '../time/localTime.js';
import type { WatchedWhen } from './events.js';

/** As much of a play as decides whether it counts. */
export interface CountablePlay {
  readonly id: string;
  readonly removed: boolean;
  /** The play that told of the same viewing first. */
  readonly duplicateOf?: string;
}

/**
 * The plays of one title that count, given in the order they were recorded. A viewing that several sources
 * reported counts once as long as any of its reports is left: when the first is removed, the next stands in
 * for it, and restoring the first puts things back (SEMANTICS D1.9: linking is reversible).
 */
export const countedPlays = (plays: readonly CountablePlay[]): ReadonlySet<string> => {
  /** The first report of the viewing that each play reports: a duplicate may be linked to another. */
  const firsts = new Map<string, string>();
  const standing = new Map<string, string>();
  for (const play of plays) {
    const viewing =
      play.duplicateOf === undefined ? play.id : (firsts.get(play.duplicateOf) ?? play.duplicateOf);
    firsts.set(play.id, viewing);
    if (play.removed) continue;
    if (play.id === viewing || !standing.has(viewing)) standing.set(viewing, play.id);
  }
  return new Set(standing.values());
};

/** As much of a play as gives its place among the rewatches. */
export interface RankablePlay {
  readonly id: string;
  readonly watched: WatchedWhen;
  readonly recordedAt: Instant;
}

/**
 * Counted plays of one title in the order of their rewatch numbers, which begin with 1 (SEMANTICS D2.1): those
 * with an unknown date first, then by instant or by noon of the local date; ties by recording, then by id.
 */
export const rankPlays = <Play extends RankablePlay>(plays: readonly Play[]): readonly Play[] =>
  plays
    .map((play) => ({ play, key: rankKey(play) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ play }) => play);

/** Sorts as text: unknown dates before all others, because a blank sorts before any digit. */
const rankKey = ({ watched, recordedAt, id }: RankablePlay): string =>
  `${watched.precision === 'unknown' ? '' : momentOf(watched)} ${recordedAt} ${id}`;

/** Where a play stands in time; a play that knows only its day at that day's noon. */
export const momentOf = (watched: Exclude<WatchedWhen, { precision: 'unknown' }>): Instant =>
  watched.precision === 'instant' ? watched.instant : noonOf(watched.localDate, watched.zone);
