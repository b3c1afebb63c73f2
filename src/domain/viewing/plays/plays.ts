import type { Instant } from '../../schemas.js';
import { localDateOf, noonOf } from '../../time/localTime.js';
import type { WatchedWhen } from '../events.js';

/** As much of a play as decides whether it counts. */
export interface CountablePlay {
  readonly id: string;
  readonly removed?: boolean;
  /** The play that counts for the viewing that this one reports. */
  readonly duplicateOf?: string;
}

/**
 * The viewings that a title's plays report, each with the plays that are present in the order they were recorded;
 * the play that counts comes first. A viewing counts as long as any of its reports is left: when the play that the
 * others are linked to is removed, the next stands in for it (SEMANTICS D1.9: linking is reversible).
 */
export const viewingsOf = <Play extends CountablePlay>(
  plays: readonly Play[],
): readonly (readonly [Play, ...Play[]])[] => {
  // Nearly always: nothing was removed and nothing is a duplicate.
  if (plays.every(({ removed, duplicateOf }) => !removed && duplicateOf === undefined)) {
    return plays.map((play) => [play]);
  }
  const links = new Map(plays.map(({ id, duplicateOf }) => [id, duplicateOf]));
  const reports = new Map<string, [Play, ...Play[]]>();
  for (const play of plays) {
    if (play.removed) continue;
    const viewing = viewingOf(play.id, links);
    const there = reports.get(viewing);
    if (!there) reports.set(viewing, [play]);
    else if (play.id === viewing) there.unshift(play);
    else there.push(play);
  }
  return [...reports.values()];
};

/**
 * The play that stands for a play's viewing: in older logs a duplicate may be linked to another duplicate. While links
 * are put right two plays may be linked to each other: then one of them stands for both, whichever is asked for.
 */
const viewingOf = (id: string, links: ReadonlyMap<string, string | undefined>): string => {
  const path = [id];
  for (let original = links.get(id); original !== undefined; original = links.get(original)) {
    const from = path.indexOf(original);
    if (from !== -1) return path.slice(from).reduce((one, other) => (one < other ? one : other));
    path.push(original);
  }
  return path.at(-1) ?? id;
};

/** The plays of one title that count, given in the order they were recorded. */
export const countedPlays = (plays: readonly CountablePlay[]): ReadonlySet<string> =>
  new Set(viewingsOf(plays).map(([counted]) => counted.id));

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

/** A watch that is reported so much later is reported from memory. */
const BACKDATED_MS = 12 * 60 * 60_000;

/** Whether a play was reported long afterwards: it says what was, not what the person does now (SEMANTICS D8). */
export const isBackdated = (watched: WatchedWhen, recordedAt: Date): boolean => {
  switch (watched.precision) {
    case 'instant':
      return recordedAt.getTime() - Date.parse(watched.instant) > BACKDATED_MS;
    case 'date':
      return watched.localDate < localDateOf(recordedAt.toISOString(), watched.zone);
    case 'unknown':
      return false;
    default:
      return watched satisfies never;
  }
};
