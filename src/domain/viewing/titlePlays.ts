import type { Instant } from '../schemas.js';
import type { MovieWatched, ViewingEvent, WatchedWhen } from './events.js';
import { countedPlays } from './plays.js';

/** The events that make, change or unmake plays. */
export type PlayEvent = Extract<
  ViewingEvent,
  {
    type:
      'MovieWatched' | 'WatchAmended' | 'WatchRemoved' | 'WatchRestored' | 'WatchLinkedAsDuplicate';
  }
>;

export const PLAY_EVENTS = [
  'MovieWatched',
  'WatchAmended',
  'WatchRemoved',
  'WatchRestored',
  'WatchLinkedAsDuplicate',
] as const satisfies readonly PlayEvent['type'][];

/** One play of a title as numbers are made of it, with whatever facts of the play a reader keeps. */
export interface TitlePlay<Facts> {
  readonly id: string;
  readonly watched: WatchedWhen;
  readonly recordedAt: Instant;
  readonly facts: Facts;
  readonly removed?: true;
  readonly duplicateOf?: string;
}

/** One person's plays of one title after one more event, in the order they were recorded. */
export const playsAfter = <Facts>(
  plays: readonly TitlePlay<Facts>[],
  event: PlayEvent & { readonly recordedAt: Date },
  factsOf: (watched: MovieWatched['data']) => Facts,
): readonly TitlePlay<Facts>[] => {
  const change = (with_: (play: TitlePlay<Facts>) => TitlePlay<Facts>) =>
    plays.map((play) => (play.id === event.data.playId ? with_(play) : play));
  switch (event.type) {
    case 'MovieWatched':
      return [
        ...plays,
        {
          id: event.data.playId,
          watched: event.data.watched,
          recordedAt: event.recordedAt.toISOString(),
          facts: factsOf(event.data),
        },
      ];
    case 'WatchAmended': {
      const { watched, duplicateOf } = event.data;
      if (watched === undefined) return plays;
      return change(({ duplicateOf: linked, ...play }) => ({
        ...play,
        watched,
        ...(linked === undefined || duplicateOf === null ? {} : { duplicateOf: linked }),
      }));
    }
    case 'WatchRemoved':
      return change((play) => ({ ...play, removed: true }));
    case 'WatchRestored':
      return change(({ removed: _, ...play }) => play);
    case 'WatchLinkedAsDuplicate': {
      const { duplicateOf } = event.data;
      return change((play) => ({ ...play, duplicateOf }));
    }
    default:
      return event satisfies never;
  }
};

/** Those of a title's plays that count. */
export const countedOf = <Facts>(
  plays: readonly TitlePlay<Facts>[],
): readonly TitlePlay<Facts>[] => {
  // Nearly always: nothing was removed and nothing is a duplicate.
  if (plays.every((play) => play.removed === undefined && play.duplicateOf === undefined)) {
    return plays;
  }
  const counted = countedPlays(
    plays.map(({ id, removed = false, duplicateOf }) => ({
      id,
      removed,
      ...(duplicateOf === undefined ? {} : { duplicateOf }),
    })),
  );
  return plays.filter((play) => counted.has(play.id));
};

/** Whether a play's day is known and counts for streaks: not one taken from the release date (SEMANTICS D4). */
export const activeDateOf = (watched: WatchedWhen): string | undefined => {
  switch (watched.precision) {
    case 'instant':
      return watched.localDate;
    case 'date':
      return watched.released === true ? undefined : watched.localDate;
    case 'unknown':
      return undefined;
    default:
      return watched satisfies never;
  }
};
