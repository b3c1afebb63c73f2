import type { CsvPlay } from './dataset.js';

/** What a film that nobody knows the length of counts as (SEMANTICS D6). */
const UNKNOWN_LENGTH = 90;

type Plays = readonly CsvPlay[];

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const distinct = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];
export const dateOf = ({ instant }: CsvPlay): string => instant.slice(0, 10);
const hourOf = ({ instant }: CsvPlay): number => Number(instant.slice(11, 13));
const decadeOf = (year: number): string => `${String(year).slice(0, 3)}0`;
export const minutesOf = ({ film }: CsvPlay): number => film.minutes ?? UNKNOWN_LENGTH;
const dayOf = (date: string): number => Date.parse(date) / 86_400_000;
const textOf = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
/** Monday is 0: 1970-01-01 was a Thursday. */
const weekdayOf = (date: string): number => (dayOf(date) + 3) % 7;

/** To one decimal, halves up, reckoned in whole numbers. */
export const meanOf = (ratings: readonly number[]): number | null =>
  ratings.length === 0
    ? null
    : Math.floor((20 * sum(ratings) + ratings.length) / (2 * ratings.length)) / 10;

/** Plays and minutes by whatever names a play has, most minutes first. */
const tally = (plays: Plays, namesOf: (play: CsvPlay) => readonly string[], most: number) => {
  const names = distinct(plays.flatMap(namesOf));
  return names
    .map((name) => {
      const those = plays.filter((play) => namesOf(play).includes(name));
      return { name, plays: those.length, minutes: sum(those.map(minutesOf)) };
    })
    .sort((a, b) => b.minutes - a.minutes || (a.name < b.name ? -1 : 1))
    .slice(0, most);
};

/** The stats of a period, from its plays alone; everybody here saw every film once. */
export const statsOf = (plays: Plays, most: number) => {
  const days = tally(plays, (play) => [dateOf(play)], Infinity).map(({ name, ...rest }) => ({
    date: name,
    ...rest,
  }));
  const inOrder = days.toSorted((a, b) => (a.date < b.date ? -1 : 1));
  return {
    moviesWatched: plays.length,
    moviePlays: plays.length,
    minutesWatched: sum(plays.map(minutesOf)),
    minutesEstimated: sum(plays.filter(({ film }) => !film.minutes).map(minutesOf)),
    genreBreakdown: tally(plays, ({ film }) => film.genres, most),
    countries: tally(plays, ({ film }) => film.countries, most),
    languages: tally(plays, ({ film }) => (film.language ? [film.language] : []), most),
    studios: tally(plays, ({ film }) => film.studios, most),
    directors: [],
    actors: [],
    decades: tally(plays, ({ film }) => (film.year ? [decadeOf(film.year)] : []), most).sort(
      (a, b) => (a.name < b.name ? -1 : 1),
    ),
    weekdays: Array.from(
      { length: 7 },
      (_, day) => plays.filter((play) => weekdayOf(dateOf(play)) === day).length,
    ),
    hours: Array.from(
      { length: 24 },
      (_, hour) => plays.filter((play) => hourOf(play) === hour).length,
    ),
    days: inOrder,
    daysComplete: true,
    longestBinge: days[0] ?? null,
    firstWatched: inOrder[0]?.date ?? null,
    lastWatched: inOrder.at(-1)?.date ?? null,
  };
};

export const ratingStatsOf = (plays: Plays) => {
  const given = plays.map(({ rating }) => rating);
  return {
    count: given.length,
    mean: meanOf(given),
    distribution: distinct(given)
      .sort((a, b) => a - b)
      .map((rating) => ({ rating, count: given.filter((one) => one === rating).length })),
  };
};

/** The longest run of numbers a step apart; the latest of several. */
const longestRun = (numbers: readonly number[], step = 1) => {
  let best = { length: 0, first: 0, last: 0 };
  let run = best;
  for (const last of distinct(numbers).sort((a, b) => a - b)) {
    run =
      run.length > 0 && last === run.last + step
        ? { length: run.length + 1, first: run.first, last }
        : { length: 1, first: last, last };
    if (run.length >= best.length) best = run;
  }
  return best;
};

/** Streaks long after the last play: nothing is current. */
export const streaksOf = (plays: Plays) => {
  const days = plays.map((play) => dayOf(dateOf(play)));
  const streak = (units: readonly number[], step: number) => {
    const { length, first, last } = longestRun(units, step);
    return {
      ...{ current: 0, currentStart: null },
      ...{ longest: length, longestStart: textOf(first), longestEnd: textOf(last) },
    };
  };
  return {
    activeToday: false,
    ...streak(days, 1),
    weekly: streak(
      days.map((day) => day - ((day + 3) % 7)),
      7,
    ),
  };
};

const fullWeekends = (plays: Plays): number => {
  const days = new Set(plays.map((play) => dayOf(dateOf(play))));
  const saturdays = [...days].filter((day) => (day + 3) % 7 === 5 && days.has(day + 1));
  return longestRun(saturdays, 7).length;
};

const isOld = (play: CsvPlay): boolean => {
  const { releaseDate, year } = play.film;
  const [thisYear, day] = [Number(dateOf(play).slice(0, 4)), dateOf(play).slice(5)];
  if (releaseDate === undefined) return year !== undefined && thisYear - year > 80;
  const age = thisYear - Number(releaseDate.slice(0, 4));
  return age > 80 || (age === 80 && day > releaseDate.slice(5));
};

/** What each achievement measures and how much of it is asked (SEMANTICS D5, DOMAIN "Achievements"). */
const films = (plays: Plays) => plays.length;
const genres = (plays: Plays) => new Set(plays.flatMap(({ film }) => film.genres)).size;
const countries = (plays: Plays) => new Set(plays.flatMap(({ film }) => film.countries)).size;
const hours = (plays: Plays) => Math.floor(sum(plays.map(minutesOf)) / 60);
const streak = (plays: Plays) => longestRun(plays.map((play) => dayOf(dateOf(play)))).length;
const none = () => 0;

const measures: Readonly<Record<string, readonly [(plays: Plays) => number, number]>> = {
  opening_credits: [films, 1],
  century_club: [films, 100],
  'genre_explorer:bronze': [genres, 5],
  'genre_explorer:silver': [genres, 10],
  'genre_explorer:gold': [genres, 15],
  critics_pick: [
    (plays) => plays.filter(({ film }) => (film.communityRating ?? 0) >= 8).length,
    10,
  ],
  time_traveler: [
    (plays) => new Set(plays.flatMap(({ film }) => (film.year ? [decadeOf(film.year)] : []))).size,
    5,
  ],
  night_owl: [(plays) => plays.filter((play) => hourOf(play) < 5).length, 1],
  early_bird: [(plays) => plays.filter((play) => [5, 6].includes(hourOf(play))).length, 1],
  'films:10': [films, 10],
  'films:50': [films, 50],
  'films:250': [films, 250],
  'films:500': [films, 500],
  'films:1000': [films, 1000],
  'hours:24': [hours, 24],
  'hours:100': [hours, 100],
  'hours:500': [hours, 500],
  'hours:1000': [hours, 1000],
  'streak:3': [streak, 3],
  'streak:7': [streak, 7],
  'streak:30': [streak, 30],
  'streak:100': [streak, 100],
  'streak:365': [streak, 365],
  'countries:5': [countries, 5],
  'countries:20': [countries, 20],
  'countries:50': [countries, 50],
  'ratings:1': [films, 1],
  'ratings:50': [films, 50],
  'ratings:500': [films, 500],
  'reviews:1': [none, 1],
  'reviews:25': [none, 25],
  four_in_a_day: [(plays) => Math.max(...countsOf(plays.map(dateOf))), 4],
  five_times: [(plays) => Math.min(plays.length, 1), 5],
  silver_screen: [(plays) => plays.filter(isOld).length, 1],
  premiere: [(plays) => plays.filter((play) => play.film.releaseDate === dateOf(play)).length, 1],
  weekender: [fullWeekends, 4],
  auteur: [none, 10],
};

/** How often each of the values occurs. */
const countsOf = (values: readonly string[]): readonly number[] => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [0, ...counts.values()];
};

/** Every achievement with a person's progress and, once earned, the play that crossed the line. */
export const achievementsOf = (plays: Plays) =>
  Object.entries(measures).map(([id, [measure, target]]) => ({
    id,
    progress: { current: Math.min(measure(plays), target), target },
    earnedBy: measure(plays) < target ? undefined : crossing(plays, measure, target),
  }));

/** The play by which a number that only grows reached the target: found by halving. */
const crossing = (plays: Plays, measure: (plays: Plays) => number, target: number) => {
  let [before, at] = [0, plays.length];
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (measure(plays.slice(0, middle)) >= target) at = middle;
    else before = middle;
  }
  return plays[at - 1];
};
