import { folded, joined } from '../movie/search/folded.js';

/** So many letters of a word's beginning are kept, and of its end. */
const BEGINNING = 5;
const END = 3;
/** A typo among the letters that are looked for first is found by the word's end. */
const SOUGHT = 3;
/** A word of a name so long is told apart by then. */
const MOST_WORDS = 8;

/**
 * The pieces by which a person is found: how each word of the name begins (`^`) and ends (`$`), few enough that
 * hundreds of people of a film can be kept in a moment.
 */
export const nameGramsOf = (name: string): ReadonlySet<string> => {
  const text = folded(name);
  const grams = new Set<string>();
  for (const word of text.split(' ').slice(0, MOST_WORDS)) {
    if (word === '') continue;
    grams.add(beginning(word, BEGINNING));
    if (word.length > END) grams.add(end(word));
  }
  if (text.includes(' ')) grams.add(beginning(joined(text), BEGINNING));
  return grams;
};

/** One word of a name that is looked for: it begins or ends so. */
export interface WantedWord {
  /** With `:*`, for what is kept may be longer. */
  readonly beginning: string;
  /** Where the word is long enough to have a typo in its beginning. */
  readonly end?: string;
}

/** What to look for of a name that may have typos. @param text as `folded` gives it */
export const wantedWords = (text: string): readonly WantedWord[] =>
  wordsOf(text).map((word) => ({
    beginning: beginning(word, SOUGHT),
    ...(word.length > END ? { end: end(word) } : {}),
  }));

/** What to look for of a name that is being typed, without typos. @param text as `folded` gives it */
export const typedWords = (text: string): readonly WantedWord[] =>
  wordsOf(text).map((word) => ({ beginning: beginning(word, BEGINNING) }));

const wordsOf = (text: string): readonly string[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS);

const beginning = (word: string, letters: number): string =>
  `^${word.length <= letters ? word : Array.from(word).slice(0, letters).join('')}`;

const end = (word: string): string => `$${Array.from(word).slice(-END).join('')}`;
