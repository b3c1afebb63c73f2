import type { MovieWatched, TitleSnapshot, ViewingEvent, WatchedWhen } from '../events.js';
import { countedPlays } from './plays.js';

/** The events that make, change or unmake plays. */
export type PlayEvent = Extract<
  ViewingEvent,
  {
    type:
      | 'MovieWatched'
      | 'WatchAmended'
      | 'WatchRemoved'
      | 'WatchRestored'
      | 'WatchLinkedAsDuplicate'
      | 'WatchUnlinked'
      | 'TitleFactsLearnt'
      | 'ViewingMoved';
  }
>;

export const PLAY_EVENTS = [
  'MovieWatched',
  'WatchAmended',
  'WatchRemoved',
  'WatchRestored',
  'WatchLinkedAsDuplicate',
  'WatchUnlinked',
  'TitleFactsLearnt',
  'ViewingMoved',
] as const satisfies readonly PlayEvent['type'][];

/** One play of a title as numbers are made of it, with whatever facts of the play a reader keeps. */
export interface TitlePlay<Facts> {
  readonly id: string;
  readonly facts: Facts;
  readonly removed?: true;
  readonly duplicateOf?: string;
}

/** What a reader keeps of a play: no more than it needs, since there are as many as anybody ever watched. */
export interface PlayReading<Facts> {
  /** Of one that was recorded. */
  recorded(data: MovieWatched['data'], recordedAt: Date): Facts;
  /** Of one that turns out to have been watched at another time. */
  amended(facts: Facts, watched: WatchedWhen): Facts;
  /** Of one whose title is known better now; the same object when it lacked nothing of that. */
  learnt(facts: Facts, title: TitleSnapshot): Facts;
}

/** A play is a play: which ones there are is all that counts. */
export const noFacts: PlayReading<object> = {
  recorded: () => ({}),
  amended: (facts) => facts,
  learnt: (facts) => facts,
};

/** One person's plays of one title after one more event, in the order they were recorded. */
export const playsAfter = <Facts>(
  plays: readonly TitlePlay<Facts>[],
  event: PlayEvent & { readonly recordedAt: Date },
  reading: PlayReading<Facts>,
): readonly TitlePlay<Facts>[] => {
  if (event.type === 'TitleFactsLearnt') {
    return plays.map((play) => {
      const facts = reading.learnt(play.facts, event.data.snapshot);
      return facts === play.facts ? play : { ...play, facts };
    });
  }
  if (event.type === 'ViewingMoved') return [];
  const { playId } = event.data;
  const change = (with_: (play: TitlePlay<Facts>) => TitlePlay<Facts>) =>
    plays.map((play) => (play.id === playId ? with_(play) : play));
  switch (event.type) {
    case 'MovieWatched':
      return [
        ...plays,
        {
          id: event.data.playId,
          facts: reading.recorded(event.data, recordedAtOf(event)),
        },
      ];
    case 'WatchAmended': {
      const { watched, duplicateOf } = event.data;
      // A note is no fact that numbers are made of.
      if (watched === undefined && duplicateOf === undefined) return plays;
      return change((play) => ({
        ...(duplicateOf === null ? unlinked(play) : play),
        facts: watched === undefined ? play.facts : reading.amended(play.facts, watched),
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
    case 'WatchUnlinked':
      return change(unlinked);
    default:
      return event satisfies never;
  }
};

const unlinked = <Facts>({ duplicateOf: _, ...play }: TitlePlay<Facts>): TitlePlay<Facts> => play;

/** When a play was recorded: under another id of its title, where it was moved here. */
export const recordedAtOf = (event: {
  readonly data: Pick<MovieWatched['data'], 'firstRecordedAt'>;
  readonly recordedAt: Date;
}): Date =>
  event.data.firstRecordedAt === undefined
    ? event.recordedAt
    : new Date(event.data.firstRecordedAt);

/** Those of a title's plays that count. */
export const countedOf = <Facts>(
  plays: readonly TitlePlay<Facts>[],
): readonly TitlePlay<Facts>[] => {
  // Nearly always: nothing was removed and nothing is a duplicate.
  if (plays.every((play) => play.removed === undefined && play.duplicateOf === undefined)) {
    return plays;
  }
  const counted = countedPlays(plays);
  return plays.filter((play) => counted.has(play.id));
};

/** The plays that are in one list alone; those that are the same objects are in both. */
export const differenceOf = <Play extends TitlePlay<unknown>>(
  before: readonly Play[],
  after: readonly Play[],
): { readonly gone: readonly Play[]; readonly come: readonly Play[] } => {
  // Nearly always: the first play of a title.
  if (before.length === 0) return { gone: before, come: after };
  const [had, has] = [new Set(before), new Set(after)];
  return {
    gone: before.filter((play) => !has.has(play)),
    come: after.filter((play) => !had.has(play)),
  };
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
