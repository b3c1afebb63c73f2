import { joined } from './folded.js';
import { ARTICLE } from './scripts.js';
import { spelt, type Reading, type Wanted } from './wanted.js';
import { wordsAlike } from './wordsAlike.js';
import { editDistance, mayBeMisspelt } from './editDistance.js';

/** What a film is known by. */
export interface Film {
  readonly title: string;
  /** Its titles as `namesOf` gives them. */
  readonly names: readonly string[];
  readonly year: number | null;
  /** How many people rated it, somewhere. */
  readonly votes: number;
}

/** The least likeness that counts as found. */
export const FOUND = 560;

/** Of the same title in full, in another year, or of a year that is near: release dates differ by country. */
const YEARS = { same: 30, near: 5, unknown: -40, begun: -10, other: -120 } as const;

/** More than anything else can have: the whole text, where no year is taken from it. */
const IN_FULL = 1_100;

/**
 * How well a film answers to what somebody looks for, from 0 to some 1,150: its title in full before titles that begin
 * so, these before titles that hold the words, and these before titles that would without typos. Among films that are
 * as alike the better known ones come first.
 */
export const likeness = (wanted: Wanted, film: Film): number => {
  let best = 0;
  for (const [nth, reading] of wanted.readings.entries()) {
    let alike = 0;
    for (const [place, name] of film.names.entries()) {
      const one = nameLikeness(reading, name) - Math.min(place, 5);
      if (one > alike) alike = one;
    }
    if (nth === 0 && alike > IN_FULL - 10 && spelt(film.title) === wanted.typed) alike += 10;
    const score = nth === 0 ? alike : Math.min(alike, 1_000) + yearBonus(reading.year, film.year);
    if (score > best) best = score;
  }
  if (best < FOUND) return 0;
  const known = Math.min(Math.log10(1 + film.votes) / 5, 1) * (best < 940 ? 25 : 4);
  return Math.round((best + known) * 1000) / 1000;
};

const yearBonus = (wanted: string | undefined, year: number | null): number => {
  if (wanted === undefined) return 0;
  if (year === null) return YEARS.unknown;
  if (wanted.length < 4) return String(year).startsWith(wanted) ? YEARS.begun : YEARS.other;
  const apart = Math.abs(year - Number(wanted));
  return apart === 0 ? YEARS.same : apart === 1 ? YEARS.near : YEARS.other;
};

const nameLikeness = (wanted: Reading, name: string): number => {
  const all = joined(name);
  if (all === wanted.joined) return name === wanted.text ? IN_FULL : IN_FULL - 5;
  const text = wanted.text.replace(ARTICLE, '');
  const rest = name.replace(ARTICLE, '');
  const sought = joined(text);
  const there = joined(rest);
  if (sought === '' || there === '') return 0;
  // Another article was typed than the title has, if any.
  if (sought === there) return text === wanted.text ? 980 : 925;
  const share = Math.min(sought.length / there.length, 1);
  if (`${name} `.startsWith(`${wanted.text} `)) return 915 + 25 * share;
  if (`${rest} `.startsWith(`${text} `)) return 900 + 30 * share;
  if (rest.startsWith(text) || name.startsWith(wanted.text)) return 830 + 40 * share;
  return Math.max(
    there.startsWith(sought) || all.startsWith(wanted.joined) ? 770 + 40 * share : 0,
    within(text, sought, rest, there, share),
    wordsAlike(text.split(' '), rest.split(' ')),
    misspelt(sought, there),
    // With the article, where that has the typo.
    there.length === all.length ? 0 : misspelt(wanted.joined, all),
  );
};

/** Somewhere within. */
const within = (
  text: string,
  sought: string,
  rest: string,
  there: string,
  share: number,
): number => {
  if (` ${rest} `.includes(` ${text} `)) return 790 + 60 * share;
  if (` ${rest}`.includes(` ${text}`)) return 740 + 60 * share;
  return /[^\p{ASCII}]/u.test(sought) || sought.length > 3
    ? there.includes(sought)
      ? 640 + 100 * share
      : 0
    : 0;
};

/** The whole, or the beginning, but for a few letters. */
const misspelt = (sought: string, there: string): number => {
  const length = sought.length;
  if (length < 4 || !mayBeMisspelt(sought, there)) return 0;
  if (digitsOf(sought) !== digitsOf(there)) return 0;
  const most = Math.min(Math.floor((length + 1) / 4), 6);
  const whole = editDistance(sought, there, most);
  if (whole <= most) return 880 - (400 * whole) / length;
  const begun = editDistance(sought, there, most, true);
  return begun <= most ? 760 - (480 * begun) / length : 0;
};

/** Another number is another film. */
const digitsOf = (text: string): string => text.replace(/\D/g, '');
