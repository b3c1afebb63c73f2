import { folded, joined } from './folded.js';

/** One way to understand what was typed. */
export interface Reading {
  /** As `folded` gives it. */
  readonly text: string;
  readonly joined: string;
  /** The year that a film should be of, or how it begins while it is being typed. */
  readonly year?: string;
}

/** What somebody looks for, in every way that it may be meant: all of it a title, or a title with a year. */
export interface Wanted {
  /** As it was typed, but for case and space. */
  readonly typed: string;
  /** The first is the whole text. */
  readonly readings: readonly Reading[];
}

/** Films are from this time. */
const YEAR = /^(?:18[7-9]|19\d|20\d|21\d)\d$/;
/** A year that goes on. */
const BEGINNING_OF_YEAR = /^(?:18[7-9]?|19\d?|20\d?)$/;

/** Reads `Psycho 1998`, `Up (2009)`, `Psycho 19`, and `1917` or `Blade Runner 2049`, which are titles. */
export const wantedFilms = (typed: string): Wanted => {
  const text = folded(typed);
  return { typed: spelt(typed), readings: [reading(text), ...yearReadings(text)] };
};

const reading = (text: string, year?: string): Reading => ({
  text,
  joined: joined(text),
  ...(year === undefined ? {} : { year }),
});

const yearReadings = (text: string): readonly Reading[] => {
  const words = text.split(' ');
  const first = words[0] ?? '';
  const last = words.at(-1) ?? '';
  if (words.length < 2) return [];
  const without = words.slice(0, -1).join(' ');
  if (YEAR.test(last)) return [reading(without, last)];
  if (BEGINNING_OF_YEAR.test(last)) return [reading(without, last)];
  return YEAR.test(first) ? [reading(words.slice(1).join(' '), first)] : [];
};

/** A title but for case and space: signs count. */
export const spelt = (title: string): string =>
  title.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ');
