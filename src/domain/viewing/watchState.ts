import { viewingsOf, type CountablePlay } from './plays/plays.js';

/** What a person said of a title, and how many plays of it had been recorded when they said it. */
interface Said {
  readonly since: number;
}

/** That the person wants to see the title. */
export interface Wish extends Said {
  /** A play took the title off the watchlist, as the person prefers. The wish is back when no such play is left. */
  readonly takenOff?: true;
}

/** That the person gave the title up, for good or for now. */
export interface Mark extends Said {
  readonly state: 'dropped' | 'on_hold';
}

/** As much of a play as wishes and marks ask for. */
export interface StandingPlay extends CountablePlay {
  /** It resumes a title that was dropped or on hold. */
  readonly resumes?: true;
}

/** Where a title stands for a person (SEMANTICS D8, films). */
export type WatchState =
  | { readonly state: 'none' }
  | { readonly state: 'want_to_watch' }
  | { readonly state: 'watched'; readonly wantToRewatch: boolean }
  | { readonly state: 'dropped' }
  | { readonly state: 'on_hold' };

/** What the person has said of a title. */
export interface Opinion {
  readonly wish?: Wish | undefined;
  readonly mark?: Mark | undefined;
}

/** Where a title stands, and what became of wish and mark. */
export interface Standing {
  readonly watchState: WatchState;
  /** Counted plays. */
  readonly plays: number;
  /** No viewing since the wish was made. */
  readonly isWanted: boolean;
  readonly inWatchlist: boolean;
}

/**
 * Where a title stands: from the wish, the mark and the plays, in the order they were recorded. A wish is fulfilled,
 * and a mark overridden, by a viewing that was reported after it: both are back when that viewing is undone. A further
 * report of a viewing from before does neither.
 */
export const standingOf = ({ wish, mark }: Opinion, plays: readonly StandingPlay[]): Standing => {
  // Nearly always: the person said nothing of it.
  if (wish === undefined && mark === undefined) {
    const count = viewingsOf(plays).length;
    return {
      watchState: count > 0 ? { state: 'watched', wantToRewatch: false } : { state: 'none' },
      ...{ plays: count, isWanted: false, inWatchlist: false },
    };
  }
  const viewings = viewingsOf(plays.map((play, nth) => ({ nth, ...play })));
  const later = (said: Said) =>
    viewings.filter((reports) => reports.every(({ nth }) => nth >= said.since));
  const isFulfilled = wish !== undefined && later(wish).length > 0;
  const isResumed =
    mark !== undefined && later(mark).some((reports) => reports.some(({ resumes }) => resumes));
  const isWanted = wish !== undefined && !isFulfilled;
  return {
    watchState:
      mark !== undefined && !isResumed
        ? { state: mark.state }
        : viewings.length > 0
          ? { state: 'watched', wantToRewatch: isWanted }
          : { state: isWanted ? 'want_to_watch' : 'none' },
    plays: viewings.length,
    isWanted,
    inWatchlist: wish !== undefined && !(isFulfilled && wish.takenOff),
  };
};
