import { folded } from './folded.js';

/** A letter may take several bytes: what is longer would outgrow cursors and entries of an index. */
const MOST_LETTERS = 200;

/**
 * What names of studios and keywords are compared by: `Warner Bros.` and `WARNER BROS` are the same. Empty where there is
 * nothing to see in a name.
 */
export const nameKey = (name: string): string =>
  Array.from(folded(name)).slice(0, MOST_LETTERS).join('');

/** Names by their keys, in their order; of several spellings of one name the first. */
export const byNameKey = (names: readonly string[] = []): ReadonlyMap<string, string> => {
  const byKey = new Map<string, string>();
  for (const name of names) {
    const key = nameKey(name);
    if (key !== '' && !byKey.has(key)) byKey.set(key, name);
  }
  return byKey;
};
