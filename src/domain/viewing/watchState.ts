/**
 * What became of a person's wish to see a title: `fulfilled` by a play, and `wanted` again when it was put on
 * the list once more after that.
 */
export type Wish = 'none' | 'wanted' | 'fulfilled';

/** What the person said of the title that plays do not change. */
export type Mark = 'none' | 'dropped' | 'on_hold';

/** Where a title stands for a person (SEMANTICS D8, films). */
export type WatchState =
  | { readonly state: 'none' }
  | { readonly state: 'want_to_watch' }
  | { readonly state: 'watched'; readonly wantToRewatch: boolean }
  | { readonly state: 'dropped' }
  | { readonly state: 'on_hold' };

/** Derived, never stored: from the wish, the mark and how many plays count. */
export const watchState = (wish: Wish, mark: Mark, plays: number): WatchState => {
  if (mark !== 'none') return { state: mark };
  if (plays > 0) return { state: 'watched', wantToRewatch: wish === 'wanted' };
  // The last play is gone: what the person had put on the list is wanted again.
  return wish === 'none' ? { state: 'none' } : { state: 'want_to_watch' };
};
