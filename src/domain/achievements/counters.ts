/**
 * What achievements are measured by, one number each for a person. Numbers follow every change of the history;
 * what was earned once stays earned.
 */
const COUNTERS = [
  /** Distinct films with a counted play. */
  'films',
  'minutes',
  /** Distinct genres, decades, countries over the counted plays. */
  'genres',
  'decades',
  'countries',
  /** Distinct films that the community rates 8.0 or better. */
  'acclaimedFilms',
  /** Plays that began between midnight and five, or between five and seven, local time. */
  'nightPlays',
  'earlyPlays',
  /** Plays of films that were more than 80 years old. */
  'oldPlays',
  'releaseDayPlays',
  'longestStreak',
  /** The longest run of weekends with a play on both days. */
  'fullWeekends',
  /** The most distinct films on one local day. */
  'filmsInOneDay',
  /** The most plays of one film. */
  'playsOfOneFilm',
  /** The most distinct films by one director. */
  'filmsByOneDirector',
  'ratings',
  'reviews',
] as const;

export type Counter = (typeof COUNTERS)[number];
export type Counters = Readonly<Record<Counter, number>>;

export const noCounters: Counters = Object.fromEntries(
  COUNTERS.map((counter) => [counter, 0]),
) as Record<Counter, number>;
