import type { MovieDetails } from './events.js';
import { folded, hasWords } from './search/folded.js';
import { sortTitleOf } from './titles.js';

/** A letter may take several bytes: what is longer would outgrow cursors and entries of an index. */
const MOST_LETTERS = 200;

/** The first sign of a key stands for how many digits there are: numbers of more digits are greater. */
const MOST_DIGITS = 40;

/**
 * What titles are sorted by, compared byte by byte, so that the order is the same in every database: words without case
 * and diacritics, numbers by their value (`2`, `9`, `10`), signs first, without the article; films of the same title by
 * their year.
 */
export const sortKeyOf = (movie: MovieDetails): string => {
  const sortTitle = movie.sortTitle ?? sortTitleOf(movie);
  const [, rest = '', article = ''] = /^(.+), ([^,\s]{1,5})$/u.exec(sortTitle) ?? [];
  const key = textKeyOf(article !== '' && isArticleOf(movie.title, article) ? rest : sortTitle);
  // Behind the least of signs: a title comes before those that begin with it.
  return `${key}\u0001${movie.year ?? ''}`;
};

/** The same for text that is no title, and has no article. */
export const textKeyOf = (text: string): string => {
  const words = folded(text);
  const key = (hasWords(words) ? words : ` ${words}`).replace(/\d+/g, byValue);
  return Array.from(key).slice(0, MOST_LETTERS).join('');
};

/** Orders things by their names. */
export const byName = (
  one: { readonly name: string },
  other: { readonly name: string },
): number => {
  const [key, otherKey] = [textKeyOf(one.name), textKeyOf(other.name)];
  return key < otherKey ? -1 : key > otherKey ? 1 : 0;
};

const isArticleOf = (title: string, article: string): boolean =>
  title.toLowerCase().startsWith(article.toLowerCase());

const byValue = (digits: string): string => {
  const number = digits.replace(/^0+(?=\d)/, '');
  return `${String.fromCharCode(0x30 + Math.min(number.length, MOST_DIGITS))}${number}`;
};
