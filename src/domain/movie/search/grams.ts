import { hasWords, joined } from './folded.js';
import { UNSPACED } from './scripts.js';

/** How many letters of a word's beginning are kept; of a longer one the most telling beginning is looked for. */
const BEGINNINGS = [1, 2, 3, 5] as const;
/** A typo in a word of these lengths is found by what is left without one of its letters, each in turn. */
const SHORT = { from: 4, to: 8 } as const;
/** So many pieces of a long word are looked for. */
const MOST_TRIPLES = 8;
/** So many words of a text, the longest. */
const MOST_WORDS = 12;
/** What is longer is told apart well before. */
const MOST_LETTERS = 200;

/** Words that so many titles have that others find the films sooner. */
const COMMON = new Set(
  'the a an of and in to de la le les der die das el il los las un une et und y'.split(' '),
);

/**
 * The pieces by which a title is found: the beginnings of its words (marked `^`), short words without one of their
 * letters (`~`), every three letters in a row, and the whole (`=`).
 * @param text as `folded` gives it
 */
export const gramsOf = (text: string): ReadonlySet<string> => {
  const letters = lettersOf(text);
  const grams = new Set([`=${letters.join('')}`]);
  // Once for each film of a rebuild: a loop takes a fraction of what lists of lists do.
  for (const word of wordStarts(text, letters)) {
    for (const size of BEGINNINGS) {
      if (size <= word.length) grams.add(beginning(word, size));
    }
  }
  for (const word of text.split(' ')) {
    for (const misspelling of misspellings(word)) grams.add(misspelling);
  }
  for (const triple of triples(letters)) grams.add(triple);
  return grams;
};

/**
 * The pieces to look for first, which few titles have: of many words a few each, of few words those that bear with
 * typos, too.
 */
export const wantedGrams = (text: string): ReadonlySet<string> => {
  const letters = lettersOf(text);
  const words = text.split(' ');
  const telling = words.filter((word) => !COMMON.has(word));
  const sought = (telling.length > 0 ? telling : words)
    .toSorted((one, other) => other.length - one.length)
    .slice(0, MOST_WORDS);
  const whole = `=${letters.join('')}`;
  const grams = sought.flatMap((word) => [
    ...beginningOf(Array.from(word)),
    ...(sought.length > 2 ? [] : misspellings(word)),
    ...(sought.length > 2 || word.length <= SHORT.to ? [] : someTriples(Array.from(word))),
  ]);
  // Most titles have a word that begins with a given letter: it counts where there is nothing else.
  const more = grams.filter((gram) => !/^\^\p{ASCII}$/u.test(gram));
  return new Set([whole, ...beginningOf(letters), ...(more.length > 0 ? more : grams)]);
};

/** The pieces to look for where the others find nothing: within words, and after more than one typo. */
export const broadGrams = (text: string): ReadonlySet<string> =>
  new Set(triples(lettersOf(text)).slice(0, 3 * MOST_TRIPLES));

const lettersOf = (text: string): readonly string[] =>
  Array.from(joined(text)).slice(0, MOST_LETTERS);

/** Everything that may be typed first: the words, all of them joined, and of signs each. */
const wordStarts = (text: string, letters: readonly string[]): (readonly string[])[] => {
  const starts = [letters, ...text.split(' ').map((word) => Array.from(word))];
  if (!hasWords(text) || UNSPACED.test(text)) {
    letters.forEach((letter, start) => {
      if (!hasWords(text) || UNSPACED.test(letter)) starts.push(letters.slice(start));
    });
  }
  return starts;
};

const beginning = (word: readonly string[], size: number): string =>
  `^${word.slice(0, size).join('')}`;

const beginningOf = (word: readonly string[]): readonly string[] => {
  const size = BEGINNINGS.findLast((length) => length <= word.length);
  return size === undefined ? [] : [beginning(word, size)];
};

const misspellings = (word: string): readonly string[] => {
  const letters = Array.from(word);
  if (letters.length === SHORT.from - 1) return [`~${word}`];
  if (letters.length < SHORT.from || letters.length > SHORT.to) return [];
  let before = '~';
  let left = word;
  const without = letters.map((letter) => {
    left = left.slice(letter.length);
    const misspelling = before + left;
    before += letter;
    return misspelling;
  });
  return [`~${word}`, ...without];
};

const triples = (letters: readonly string[]): readonly string[] =>
  letters.slice(2).map((letter, nth) => `${letters[nth]}${letters[nth + 1]}${letter}`);

/** Side by side, behind the beginning: of these a typo spoils two at most. */
const someTriples = (letters: readonly string[]): readonly string[] =>
  triples(letters)
    .filter((_, place) => place > 0 && place % 3 === 0)
    .slice(0, MOST_TRIPLES);
