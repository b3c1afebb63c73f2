import type { Counter, Counters } from './counters.js';

/** Something a person can earn once. */
export interface Achievement {
  /** Stable; tiers stand behind a colon. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly counter: Counter;
  readonly target: number;
  /** How much of the counter makes one of the target: an hour is 60 minutes. */
  readonly step: number;
}

/** Raised when a rule changes; stored with what was earned by it. */
export const RULE_VERSION = 1;

const tiers = (
  family: string,
  counter: Counter,
  targets: readonly number[],
  name: (target: number) => string,
  description: (target: number) => string,
): readonly Achievement[] =>
  targets.map((target) => ({
    id: `${family}:${target}`,
    name: name(target),
    description: description(target),
    counter,
    target,
    step: counter === 'minutes' ? 60 : 1,
  }));

const one = (
  id: string,
  name: string,
  description: string,
  counter: Counter,
  target: number,
): Achievement => ({ id, name, description, counter, target, step: 1 });

/** How far the counters have come, in whole steps; the target at most. */
export const progressOf = ({ counter, target, step }: Achievement, counters: Counters): number =>
  Math.min(Math.floor(counters[counter] / step), target);

/**
 * Those of SEMANTICS D5 and DOMAIN "Achievements" that films can earn. Episodes, series and collections come
 * with television.
 */
export const achievements: readonly Achievement[] = [
  one('opening_credits', 'Opening Credits', 'Watch your first film.', 'films', 1),
  one('century_club', 'Century Club', 'Watch 100 different films.', 'films', 100),
  one('genre_explorer:bronze', 'Genre Explorer, bronze', 'Watch 5 genres.', 'genres', 5),
  one('genre_explorer:silver', 'Genre Explorer, silver', 'Watch 10 genres.', 'genres', 10),
  one('genre_explorer:gold', 'Genre Explorer, gold', 'Watch 15 genres.', 'genres', 15),
  one(
    'critics_pick',
    "Critic's Pick",
    'Watch 10 films that are rated 8.0 or better.',
    'acclaimedFilms',
    10,
  ),
  one('time_traveler', 'Time Traveler', 'Watch films of 5 decades.', 'decades', 5),
  one('night_owl', 'Night Owl', 'Watch between midnight and five.', 'nightPlays', 1),
  one('early_bird', 'Early Bird', 'Watch between five and seven in the morning.', 'earlyPlays', 1),
  ...tiers(
    'films',
    'films',
    [10, 50, 250, 500, 1000],
    (n) => `${n} Films`,
    (n) => `Watch ${n} different films.`,
  ),
  ...tiers(
    'hours',
    'minutes',
    [24, 100, 500, 1000],
    (n) => `${n} Hours`,
    (n) => `Spend ${n} hours watching.`,
  ),
  ...tiers(
    'streak',
    'longestStreak',
    [3, 7, 30, 100, 365],
    (n) => `${n}-Day Streak`,
    (n) => `Watch something on ${n} days in a row.`,
  ),
  ...tiers(
    'countries',
    'countries',
    [5, 20, 50],
    (n) => `${n} Countries`,
    (n) => `Watch films from ${n} countries.`,
  ),
  ...tiers(
    'ratings',
    'ratings',
    [1, 50, 500],
    (n) => (n === 1 ? 'First Verdict' : `${n} Verdicts`),
    (n) => (n === 1 ? 'Rate a film.' : `Rate ${n} films.`),
  ),
  ...tiers(
    'reviews',
    'reviews',
    [1, 25],
    (n) => (n === 1 ? 'First Review' : `${n} Reviews`),
    (n) => (n === 1 ? 'Review a film.' : `Review ${n} films.`),
  ),
  one('four_in_a_day', 'Four in a Day', 'Watch 4 films on one day.', 'filmsInOneDay', 4),
  one('five_times', 'Old Friend', 'Watch one film 5 times.', 'playsOfOneFilm', 5),
  one('silver_screen', 'Silver Screen', 'Watch a film older than 80 years.', 'oldPlays', 1),
  one('premiere', 'Premiere', 'Watch a film on its release date.', 'releaseDayPlays', 1),
  one('weekender', 'Weekender', 'Watch on both days of four weekends in a row.', 'fullWeekends', 4),
  one('auteur', 'Auteur', 'Watch 10 films by one director.', 'filmsByOneDirector', 10),
];

/** The achievements of each counter, the nearest first. */
const ladders: ReadonlyMap<Counter, readonly Achievement[]> = new Map(
  [...new Set(achievements.map(({ counter }) => counter))].map((counter) => [
    counter,
    achievements
      .filter((achievement) => achievement.counter === counter)
      .sort((a, b) => a.target * a.step - b.target * b.step),
  ]),
);

/** What the counters have reached that was not earned before. */
export const reached = (
  counters: Counters,
  earned: { readonly has: (id: string) => boolean },
): readonly Achievement[] => {
  const crossed: Achievement[] = [];
  for (const [counter, ladder] of ladders) {
    for (const achievement of ladder) {
      // Those that are farther have not been reached, either.
      if (counters[counter] < achievement.target * achievement.step) break;
      if (!earned.has(achievement.id)) crossed.push(achievement);
    }
  }
  return crossed;
};
