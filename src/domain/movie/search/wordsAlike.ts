import { editDistance, mayBeMisspelt } from './editDistance.js';

/** How much of a word counts: those that most titles have say little. */
const weightOf = (word: string): number =>
  /^(?:the|an?|of|and|in|to|de|la|le|der|die|das|el|il)$/.test(word)
    ? 1
    : Math.max(Math.min(word.length, 10), 2);

/** Numbers are typed as digits, as words, and sequels as Roman numerals. */
const NUMBERS = new Map(
  [
    'ii iii iv v vi vii viii ix x xi xii xiii',
    'two three four five six seven eight nine ten eleven twelve thirteen',
  ].flatMap((names) => names.split(' ').map((name, nth) => [name, String(nth + 2)] as const)),
);
const numberOf = (word: string): string => NUMBERS.get(word) ?? word;

/**
 * How alike two titles are word by word, whatever their order, up to 830.
 * @param wanted the last of them may be going on
 */
export const wordsAlike = (wanted: readonly string[], there: readonly string[]): number => {
  const left = new Set(there.keys());
  let alike = 0;
  let total = 0;
  let seen = 0;
  wanted.forEach((word, nth) => {
    const weight = weightOf(word);
    const goesOn = nth === wanted.length - 1;
    let best = 0;
    let which = -1;
    for (const place of left) {
      const one = wordLikeness(word, there[place] ?? '', goesOn);
      if (one > best) [best, which] = [one, place];
    }
    if (which >= 0) {
      left.delete(which);
      seen += weightOf(there[which] ?? '');
    }
    alike += weight * best;
    total += weight;
  });
  const all = there.reduce((sum, word) => sum + weightOf(word), 0);
  const quality = alike / total;
  return 760 * quality ** 1.5 + 70 * quality * (seen / all);
};

/** From 0 to 1. */
const wordLikeness = (wanted: string, there: string, goesOn: boolean): number => {
  if (wanted === there) return 1;
  if (numberOf(wanted) === numberOf(there)) return 0.97;
  const { length } = wanted;
  if (there.startsWith(wanted)) return goesOn ? 0.95 : length > 2 ? 0.8 : 0.5;
  if (length < 3 || /\d/.test(wanted) || !mayBeMisspelt(wanted, there)) return 0;
  const most = length < 4 ? 1 : length < 8 ? 2 : 3;
  const apart = editDistance(wanted, there, most);
  // One in three letters at most, and not the half of a short word.
  if (apart <= most && apart <= length / 3 + 0.4) return 1 - (0.7 * apart) / length;
  if (!goesOn || length < 4) return 0;
  const begun = editDistance(wanted, there, 1, true);
  return begun <= 1 ? 0.9 - 0.9 / length : 0;
};
