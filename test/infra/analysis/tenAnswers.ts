import { minutesOf } from '../cli/import/movielens/numbers.js';
import type { CsvFilm } from '../cli/import/movielens/dataset.js';

/** A play that counts, told without a line of what is tested. */
export interface CountedPlay {
  readonly user: string;
  readonly film: CsvFilm;
  readonly title: string;
  readonly instant: string;
  /** Of a first play: a rewatch comes without. */
  readonly rating?: number;
}

type Plays = readonly CountedPlay[];

const dayOf = ({ instant }: CountedPlay): string => instant.slice(0, 10);
const yearOf = ({ instant }: CountedPlay): number => Number(instant.slice(0, 4));
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const inTextOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const groupsOf = <Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> => {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return groups;
};

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
};

const monthOf = (play: CountedPlay): number => yearOf(play) * 12 + Number(play.instant.slice(5, 7));

export const retention = (plays: Plays) => {
  const seen = new Map<string, Set<string>>();
  for (const own of groupsOf(plays, ({ user }) => user).values()) {
    const first = own.toSorted((a, b) => inTextOrder(a.instant, b.instant))[0];
    if (!first) continue;
    for (const play of own) {
      const key = `${first.instant.slice(0, 7)} ${monthOf(play) - monthOf(first)}`;
      seen.set(key, (seen.get(key) ?? new Set()).add(play.user));
    }
  }
  return [...seen]
    .map(([key, people]) => ({
      joined: key.slice(0, 7),
      months_later: Number(key.slice(8)),
      people: people.size,
    }))
    .sort((a, b) => inTextOrder(a.joined, b.joined) || a.months_later - b.months_later);
};

export const genreDrift = (plays: Plays) => {
  const [busiest] = [...groupsOf(plays, ({ user }) => user)].sort(
    ([one, a], [other, b]) =>
      new Set(b.map(dayOf)).size - new Set(a.map(dayOf)).size || inTextOrder(one, other),
  );
  return [...groupsOf(busiest?.[1] ?? [], yearOf)]
    .sort(([a], [b]) => a - b)
    .flatMap(([year, own]) => {
      const genres = own.flatMap(({ film }) => film.genres);
      return [...groupsOf(genres, (genre) => genre)]
        .map(([genre, those]) => ({ year, genre, films: those.length, all: genres.length }))
        .sort((a, b) => b.films - a.films || inTextOrder(a.genre, b.genre))
        .slice(0, 3);
    });
};

export const rewatches = (plays: Plays) => {
  const days = [...groupsOf(plays, ({ user, film }) => `${user} ${film.key}`).values()].flatMap(
    (own) => {
      const dates = own.map((play) => Date.parse(dayOf(play))).sort((a, b) => a - b);
      return dates.slice(1).map((date, nth) => (date - (dates[nth] ?? NaN)) / 86_400_000);
    },
  );
  return {
    ...{ rewatches: days.length, shortest: Math.min(...days) },
    ...{ median: median(days), longest: Math.max(...days) },
  };
};

type Rated = CountedPlay & { readonly rating: number };
export const ratedPlays = (plays: Plays): readonly Rated[] =>
  plays.flatMap(({ rating, ...play }) => (rating === undefined ? [] : [{ ...play, rating }]));

const YEAR_MS = 31_557_600_000;

/** How many points a film's rating changes in a year, by least squares. */
export const pointsAYear = (plays: readonly Rated[]): number => {
  const years = plays.map(({ instant }) => Date.parse(instant) / YEAR_MS);
  const [year, rating] = [mean(years), mean(plays.map((play) => play.rating))];
  const together = sum(
    plays.map((play, nth) => ((years[nth] ?? 0) - year) * (play.rating - rating)),
  );
  return together / sum(years.map((one) => (one - year) ** 2));
};

export const spread = (plays: readonly Rated[]): number => {
  const rating = mean(plays.map((play) => play.rating));
  return Math.sqrt(mean(plays.map((play) => (play.rating - rating) ** 2)));
};

export const generosity = (plays: Plays) => {
  const rated = ratedPlays(plays);
  const films = groupsOf(rated, ({ film }) => film.key);
  const known = rated.filter(({ film }) => (films.get(film.key)?.length ?? 0) >= 3);
  const above = ({ film, rating }: Rated): number =>
    rating - mean((films.get(film.key) ?? []).map((play) => play.rating));
  return [...groupsOf(known, ({ user }) => user)].map(([user, own]) => ({
    ...{ user_id: user, films: own.length, above: mean(own.map(above)) },
  }));
};

export const hours = (plays: Plays) =>
  [...groupsOf(plays, ({ instant }) => Number(instant.slice(11, 13)))]
    .map(([hour, those]) => ({ hour, films: those.length }))
    .sort((a, b) => a.hour - b.hour);

export const ages = (plays: Plays) =>
  [
    ...groupsOf(
      plays.filter(({ film }) => film.year !== undefined),
      yearOf,
    ),
  ]
    .map(([year, those]) => ({
      ...{ year, films: those.length },
      years_old: median(those.map(({ film }) => year - (film.year ?? NaN))),
    }))
    .sort((a, b) => a.year - b.year);

export const lovedTogether = (plays: Plays) => {
  const pairs = new Map<string, { film: string; also: string; people: number }>();
  const loved = ratedPlays(plays).filter(({ rating }) => rating >= 8);
  for (const own of groupsOf(loved, ({ user }) => user).values()) {
    const titles = own.map(({ title }) => title).sort();
    for (const [nth, film] of titles.entries()) {
      for (const also of titles.slice(nth + 1)) {
        if (also === film) continue;
        const pair = pairs.get(`${film}\n${also}`) ?? { film, also, people: 0 };
        pairs.set(`${film}\n${also}`, { ...pair, people: pair.people + 1 });
      }
    }
  }
  return [...pairs.values()]
    .sort(
      (a, b) => b.people - a.people || inTextOrder(a.film, b.film) || inTextOrder(a.also, b.also),
    )
    .slice(0, 10);
};

export const binges = (plays: Plays) =>
  [...groupsOf(plays, (play) => `${play.user} ${dayOf(play)}`).values()]
    .map((own) => ({
      user_id: own[0]?.user ?? '',
      local_date: own[0] ? dayOf(own[0]) : '',
      films: own.length,
      minutes: sum(own.map((play) => minutesOf({ ...play, rating: 0 }))),
    }))
    .sort(
      (a, b) =>
        b.films - a.films ||
        inTextOrder(a.local_date, b.local_date) ||
        inTextOrder(a.user_id, b.user_id),
    )
    .slice(0, 5);
