import type { MovieDetails } from './events.js';
import { folded, hasWords } from './search/folded.js';
import { sortTitleOf } from './titles.js';

/** A letter may take several bytes: what is longer would outgrow cursors and entries of an index. */
const MOST_LETTERS = 200;

/** The first sign of a key stands for how many digits there are: numbers of more digits are greater. */
const MOST_DIGITS = 40;

/**
 * What titles are sorted by, compared byte by byte, so that the order is the same in every database: words without case
 * and diacritics, numbers by their value (`2`, `9`, `10`), signs first. The article stands last and apart, so that "The
 * Matrix" comes before "The Matrix Reloaded".
 */
export const sortKeyOf = (movie: MovieDetails): string => {
  const sortTitle = movie.sortTitle ?? sortTitleOf(movie);
  const parts = /^(.+), ([^,\s]{1,5})$/u.exec(sortTitle);
  const moved = parts !== null && isArticleOf(movie.title, parts[2] ?? '');
  const [main, article] = moved ? [parts[1] ?? '', parts[2] ?? ''] : [sortTitle, ''];
  const text = folded(main);
  const key = (hasWords(text) ? text : ` ${text}`).replace(/\d+/g, byValue);
  const whole = article === '' ? key : `${key}\u0001${folded(article)}`;
  return Array.from(whole).slice(0, MOST_LETTERS).join('');
};

const isArticleOf = (title: string, article: string): boolean =>
  title.toLowerCase().startsWith(article.toLowerCase());

const byValue = (digits: string): string => {
  const number = digits.replace(/^0+(?=\d)/, '');
  return `${String.fromCharCode(0x30 + Math.min(number.length, MOST_DIGITS))}${number}`;
};
