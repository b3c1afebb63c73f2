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
import {
  activeDateOf,
  countedOf,
  differenceOf,
  type TitlePlay,
} from '../../domain/viewing/titlePlays.js';
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

/** What changes of a person's numbers with their counted plays of one title. */
export interface TitleChange {
  readonly userId: string;
  readonly gone: readonly Play[];
  readonly come: readonly Play[];
  /** How many plays there were and are. */
  readonly plays: { readonly before: number; readonly after: number };
  /** Films more, or fewer, that are acclaimed. */
  readonly acclaimed: number;
  /** The differences; a name that stays as it was is not there. */
  readonly amounts: readonly Amount[];
}

export const titleChange = (change: PlaysChange<AchievementFacts>): TitleChange => {
  const before = countedOf(change.before);
  const after = countedOf(change.after);
  const { gone, come } = differenceOf(before, after);
  return {
    ...{ userId: change.userId, gone, come },
    plays: { before: before.length, after: after.length },
    acclaimed: Number(after.some(isAcclaimed)) - Number(before.some(isAcclaimed)),
    amounts: [...playsDifference(gone, come), ...filmsDifference(before, after, [gone, come])],
  };
};

const isAcclaimed = ({ facts }: Play): boolean => facts.acclaimed === true;

/** Of names that are counted by plays. */
const playsDifference = (gone: readonly Play[], come: readonly Play[]): readonly Amount[] => {
  const amounts: { kind: AmountKind; name: string; amount: number }[] = [];
  const add = (kind: AmountKind, name: string, by: 1 | -1) => {
    // There are few, so that they are looked through.
    const there = amounts.find((amount) => amount.kind === kind && amount.name === name);
    if (there) there.amount += by;
    else amounts.push({ kind, name, amount: by });
  };
  const addAll = ({ facts: { names, watched } }: Play, by: 1 | -1) => {
    for (const genre of names.genre ?? []) add('genre', genre, by);
    for (const country of names.country ?? []) add('country', country, by);
    for (const decade of names.decade ?? []) add('decade', decade, by);
    const date = activeDateOf(watched);
    if (date !== undefined) add('active', date, by);
  };
  for (const play of gone) addAll(play, -1);
  for (const play of come) addAll(play, 1);
  return amounts.filter(({ amount }) => amount !== 0);
};

/** Of names that are counted by films: this one has the name as long as one of its plays has. */
const filmsDifference = (
  before: readonly Play[],
  after: readonly Play[],
  changed: readonly (readonly Play[])[],
): readonly Amount[] => {
  const difference = (kind: AmountKind, namesOf: (play: Play) => readonly string[]): Amount[] =>
    [...new Set(changed.flatMap((plays) => plays.flatMap(namesOf)))].flatMap((name) => {
      const hasIt = (play: Play) => namesOf(play).includes(name);
      const amount = Number(after.some(hasIt)) - Number(before.some(hasIt));
      return amount === 0 ? [] : [{ kind, name, amount }];
    });
  return [...difference('director', directorsOf), ...difference('date', datesOf)];
};

const directorsOf = ({ facts }: Play): readonly string[] => facts.names.director ?? [];

const datesOf = ({ facts }: Play): readonly string[] => {
  const date = activeDateOf(facts.watched);
  return date === undefined ? [] : [date];
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

/** Adds what counted plays come to, or takes it back, in the counters that are plain sums over plays. */
const addSums = (counters: Record<Counter, number>, plays: readonly Play[], sign: 1 | -1): void => {
  for (const { facts } of plays) {
    counters.minutes += sign * facts.minutes;
    if (isNightPlay(facts)) counters.nightPlays += sign;
    if (isEarlyPlay(facts)) counters.earlyPlays += sign;
    if (isOldPlay(facts)) counters.oldPlays += sign;
    if (isReleaseDayPlay(facts)) counters.releaseDayPlays += sign;
  }
};

/**
 * One person's numbers after a change of their plays of one title. `amounts` reads and writes how many of a
 * name the person has.
 */
export const withPlays = (
  person: PersonRow,
  activeDays: Runs,
  { gone, come, plays, acclaimed, amounts: changed }: TitleChange,
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

  addSums(counters, gone, -1);
  addSums(counters, come, 1);
  counters.films += Number(plays.after > 0) - Number(plays.before > 0);
  counters.acclaimedFilms += acclaimed;
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
  resize('title', plays.before, plays.after);
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
