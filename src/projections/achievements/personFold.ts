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

/** How many of a name counted plays have: plays of it, or 1 where films are counted. */
export interface Amount {
  readonly kind: AmountKind;
  readonly name: string;
  readonly amount: number;
}

/** What a person's counted plays of a title were and are, and what that changes of their amounts. */
export interface TitleChange {
  readonly userId: string;
  readonly before: readonly Play[];
  readonly after: readonly Play[];
  /** The differences; a name that stays as it was is not there. */
  readonly amounts: readonly Amount[];
}

export const titleChange = (change: PlaysChange<AchievementFacts>): TitleChange => {
  const before = countedOf(change.before);
  const after = countedOf(change.after);
  return { userId: change.userId, before, after, amounts: differencesOf(before, after) };
};

const differencesOf = (before: readonly Play[], after: readonly Play[]): readonly Amount[] => {
  // Nearly always: the first play of a title.
  if (before.length === 0) return amountsOf(after);
  const had = amountsOf(before);
  const has = amountsOf(after);
  return [
    ...has.map(({ kind, name, amount }) => ({ kind, name, amount: amount - in_(had, kind, name) })),
    ...had
      .filter(({ kind, name }) => in_(has, kind, name) === 0)
      .map(({ kind, name, amount }) => ({ kind, name, amount: -amount })),
  ].filter(({ amount }) => amount !== 0);
};

const in_ = (amounts: readonly Amount[], kind: AmountKind, name: string): number =>
  amounts.find((amount) => amount.kind === kind && amount.name === name)?.amount ?? 0;

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

/** How many of each name one title's counted plays have; there are few, so that they are looked through. */
const amountsOf = (plays: readonly Play[]): readonly Amount[] => {
  const amounts: { kind: AmountKind; name: string; amount: number }[] = [];
  const add = (kind: AmountKind, name: string, most = Infinity) => {
    const there = amounts.find((amount) => amount.kind === kind && amount.name === name);
    if (!there) amounts.push({ kind, name, amount: 1 });
    else if (there.amount < most) there.amount += 1;
  };
  for (const { facts, watched } of plays) {
    for (const genre of facts.genres) add('genre', genre);
    for (const country of facts.countries) add('country', country);
    if (facts.decade !== undefined) add('decade', String(facts.decade));
    for (const director of facts.directors) add('director', director, 1);
    const date = activeDateOf(watched);
    if (date !== undefined) {
      add('active', date);
      add('date', date, 1);
    }
  }
  return amounts;
};

/** Adds what counted plays come to, or takes it back, in the counters that are plain sums over plays. */
const addSums = (counters: Record<Counter, number>, plays: readonly Play[], sign: 1 | -1): void => {
  if (plays.length === 0) return;
  for (const { facts, watched, recordedAt } of plays) {
    counters.minutes += sign * facts.minutes;
    if (isNightPlay(watched, facts)) counters.nightPlays += sign;
    if (isEarlyPlay(watched, facts)) counters.earlyPlays += sign;
    if (isOldPlay(watched, recordedAt, facts)) counters.oldPlays += sign;
    if (isReleaseDayPlay(watched, facts)) counters.releaseDayPlays += sign;
  }
  counters.films += sign;
  if (plays.some((play) => play.facts.acclaimed)) counters.acclaimedFilms += sign;
};

/**
 * One person's numbers after a change of their plays of one title. `amounts` reads and writes how many of a
 * name the person has.
 */
export const withPlays = (
  person: PersonRow,
  activeDays: Runs,
  { before, after, amounts: changed }: TitleChange,
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

  addSums(counters, before, -1);
  addSums(counters, after, 1);
  for (const { kind, name, amount: by } of changed) {
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
