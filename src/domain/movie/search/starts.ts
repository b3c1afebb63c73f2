import { folded, joined } from './folded.js';
import { ARTICLE, UNSPACED } from './scripts.js';

/** Of what a place in a title begins: all of it, article or not, or a word within. */
export type Place = 0 | 1;

/** So much of a title is compared with what is typed. */
const MOST_LETTERS = 80;
/** So many starts of one film: alternative titles may be many. */
const MOST_STARTS = 120;

/**
 * What a title goes on with from each of its words to its end, and without spaces: whatever somebody types begins one of
 * them. In scripts without spaces a word may begin at every letter.
 * @param names as `folded` gives them, the most important first
 */
export const startsOf = (names: readonly string[]): ReadonlyMap<string, Place> => {
  const starts = new Map<string, Place>();
  const add = (start: string, place: Place): void => {
    const cut = typedStart(start);
    if (cut === '' || starts.size >= MOST_STARTS) return;
    if ((starts.get(cut) ?? 2) > place) starts.set(cut, place);
  };
  for (const name of names) {
    add(name, 0);
    const rest = name.replace(ARTICLE, '');
    if (rest !== name) add(rest, 0);
    if (name.includes(' ')) add(joined(name), 0);
    for (const at of wordsWithin(name)) add(name.slice(at), 1);
  }
  return starts;
};

/** What is typed as it is compared with starts. @param text as `folded` gives it */
export const typedStart = (text: string): string =>
  text.length <= MOST_LETTERS ? text : Array.from(text).slice(0, MOST_LETTERS).join('');

/** What somebody types may be meant as it is, or without its spaces. */
export const typedStarts = (typed: string): readonly string[] => {
  const text = folded(typed);
  return [...new Set([text, joined(text)].map(typedStart))].filter((one) => one !== '');
};

const wordsWithin = (name: string): readonly number[] => {
  const places: number[] = [];
  let at = 0;
  for (const letter of name) {
    if (at > 0 && (name[at - 1] === ' ' || UNSPACED.test(letter))) places.push(at);
    at += letter.length;
  }
  return places;
};
