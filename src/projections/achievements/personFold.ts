import { noCounters, type Counter, type Counters } from '../../domain/achievements/counters.js';
import {
  isEarlyPlay,
  isNightPlay,
  isOldPlay,
  isReleaseDayPlay,
  type AchievementFacts,
} from '../../domain/achievements/playFacts.js';
import { fullWeekends } from '../../domain/achievements/weekends.js';
import { addDay, lengthOf, longestOf, removeDay, type Runs } from '../../domain/streaks/runs.js';
import { dayNumber } from '../../domain/time/calendar.js';
import { activeDateOf, countedOf, type TitlePlay } from '../../domain/viewing/titlePlays.js';
import type { PlaysChange } from '../engine/titlePlaysFold.js';

export interface PersonRow {
  readonly user_id: string;
  readonly counters: Counters;
  readonly sizes: Sizes;
}

/** Apart from the rest, because it is long and changes at most once a day. */
export interface ActiveDaysRow {
  readonly user_id: string;
  readonly runs: Runs;
}

/** For each kind, how many of its things have at least size 1, 2, 3 and so on. */
export type Sizes = Readonly<Record<SizedKind, readonly number[]>>;
type SizedKind = 'date' | 'director' | 'title';

/** Kinds whose number of distinct names is a counter. */
type DistinctKind = 'genre' | 'decade' | 'country' | 'active';
export type AmountKind = DistinctKind | Exclude<SizedKind, 'title'>;

type Play = TitlePlay<AchievementFacts>;

/** What a person's counted plays of a title were and are, with the amounts that they come to. */
export interface TitleChange {
  readonly userId: string;
  readonly before: readonly Play[];
  readonly after: readonly Play[];
  readonly had: Amounts;
  readonly has: Amounts;
}
/** By kind and name, as `amountKey` writes them. */
export type Amounts = ReadonlyMap<string, number>;

export const titleChange = (change: PlaysChange<AchievementFacts>): TitleChange => {
  const before = countedOf(change.before);
  const after = countedOf(change.after);
  return { userId: change.userId, before, after, had: amountsOf(before), has: amountsOf(after) };
};

const amountKey = (kind: AmountKind, name: string): string => `${kind}|${name}`;

export const amountOfKey = (key: string): { readonly kind: AmountKind; readonly name: string } => {
  const cut = key.indexOf('|');
  return { kind: key.slice(0, cut) as AmountKind, name: key.slice(cut + 1) };
};

export const newPerson = (user_id: string): PersonRow => ({
  user_id,
  counters: noCounters,
  sizes: { date: [], director: [], title: [] },
});

const distinctCounters: Readonly<Partial<Record<AmountKind, Counter>>> = {
  genre: 'genres',
  decade: 'decades',
  country: 'countries',
};

const sizedCounters: Readonly<Record<SizedKind, Counter>> = {
  date: 'filmsInOneDay',
  director: 'filmsByOneDirector',
  title: 'playsOfOneFilm',
};

/** How many of each name one title's counted plays have: plays of it, or 1 where films are counted. */
const amountsOf = (plays: readonly Play[]): Amounts => {
  const amounts = new Map<string, number>();
  const add = (kind: AmountKind, name: string) => {
    const key = amountKey(kind, name);
    amounts.set(key, (amounts.get(key) ?? 0) + 1);
  };
  const once = (kind: AmountKind, name: string) => {
    amounts.set(amountKey(kind, name), 1);
  };
  for (const { facts, watched } of plays) {
    for (const genre of facts.genres) add('genre', genre);
    for (const country of facts.countries) add('country', country);
    if (facts.decade !== undefined) add('decade', String(facts.decade));
    for (const director of facts.directors) once('director', director);
    const date = activeDateOf(watched);
    if (date !== undefined) {
      add('active', date);
      once('date', date);
    }
  }
  return amounts;
};

/** What counted plays add to the counters that are plain sums over plays. */
const sumsOf = (plays: readonly Play[]): Partial<Record<Counter, number>> => {
  const sums = { minutes: 0, nightPlays: 0, earlyPlays: 0, oldPlays: 0, releaseDayPlays: 0 };
  for (const { facts, watched, recordedAt } of plays) {
    sums.minutes += facts.minutes;
    sums.nightPlays += Number(isNightPlay(watched, facts));
    sums.earlyPlays += Number(isEarlyPlay(watched, facts));
    sums.oldPlays += Number(isOldPlay(watched, recordedAt, facts));
    sums.releaseDayPlays += Number(isReleaseDayPlay(watched, facts));
  }
  return {
    ...sums,
    films: Number(plays.length > 0),
    acclaimedFilms: Number(plays.some((play) => play.facts.acclaimed)),
  };
};

/**
 * One person's numbers after a change of their plays of one title. `amounts` reads and writes how many of a
 * name the person has.
 */
export const withPlays = (
  person: PersonRow,
  activeDays: Runs,
  { before, after, had, has }: TitleChange,
  amounts: {
    readonly get: (kind: AmountKind, name: string) => number;
    readonly set: (kind: AmountKind, name: string, amount: number) => void;
  },
): { readonly person: PersonRow; readonly runs: Runs } => {
  const counters: Record<Counter, number> = { ...person.counters };
  const sizes = { ...person.sizes };
  let runs = activeDays;
  const add = (counter: Counter, by: number) => {
    counters[counter] += by;
  };
  const resize = (kind: SizedKind, from: number, to: number) => {
    if (from === to) return;
    sizes[kind] = resized(sizes[kind], from, to);
    counters[sizedCounters[kind]] = largest(sizes[kind]);
  };

  const [gone, come] = [sumsOf(before), sumsOf(after)];
  for (const counter of Object.keys(come) as Counter[]) {
    add(counter, (come[counter] ?? 0) - (gone[counter] ?? 0));
  }
  for (const key of new Set([...had.keys(), ...has.keys()])) {
    const by = (has.get(key) ?? 0) - (had.get(key) ?? 0);
    if (by === 0) continue;
    const { kind, name } = amountOfKey(key);
    const old = amounts.get(kind, name);
    const now = old + by;
    amounts.set(kind, name, now);
    const appeared = Number(now > 0) - Number(old > 0);
    const distinct = distinctCounters[kind];
    if (distinct !== undefined) add(distinct, appeared);
    if (kind === 'date' || kind === 'director') resize(kind, old, now);
    if (kind === 'active' && appeared !== 0) {
      runs = (appeared > 0 ? addDay : removeDay)(runs, dayNumber(name));
    }
  }
  resize('title', before.length, after.length);
  if (runs !== activeDays) {
    const longest = longestOf(runs);
    counters.longestStreak = longest ? lengthOf(longest) : 0;
    counters.fullWeekends = fullWeekends(runs);
  }
  return { person: { ...person, counters, sizes }, runs };
};

/** A thing grows or shrinks: it is counted at every size up to its own. */
const resized = (counts: readonly number[], from: number, to: number): readonly number[] => {
  const next = [...counts];
  for (let size = from; size < to; size += 1) next[size] = (next[size] ?? 0) + 1;
  for (let size = to; size < from; size += 1) next[size] = (next[size] ?? 0) - 1;
  return next;
};

const largest = (counts: readonly number[]): number => {
  let size = counts.length;
  while (size > 0 && (counts[size - 1] ?? 0) === 0) size -= 1;
  return size;
};
