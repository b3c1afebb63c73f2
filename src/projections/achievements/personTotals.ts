import { reached, type Achievement } from '../../domain/achievements/achievements.js';
import { noCounters, type Counter } from '../../domain/achievements/counters.js';
import {
  isEarlyPlay,
  isNightPlay,
  isOldPlay,
  isReleaseDayPlay,
} from '../../domain/achievements/playFacts.js';
import { fullWeekends } from '../../domain/achievements/weekends.js';
import { addDay, lengthOf, longestOf, removeDay, type Runs } from '../../domain/streaks/runs.js';
import { dayNumber } from '../../domain/time/calendar.js';
import type {
  ActiveDaysRow,
  AmountKind,
  AmountRow,
  EarnedRow,
  PersonRow,
  SizedKind,
} from './tables.js';
import type { AchievementPlay, AmountChange, TitleChange } from './titleChange.js';

/** How many of a name the person's counted plays have: plays of it, or films where those are counted. */
export interface Amount {
  readonly kind: AmountKind;
  readonly name: string;
  amount: number;
}

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

/** What is stored of a person. */
export interface StoredPerson {
  readonly person: PersonRow | undefined;
  readonly runs: Runs;
  readonly earned: readonly EarnedRow[];
}

/** One person's numbers while events change them one after the other. */
export class PersonTotals {
  readonly userId: string;
  /** Something was reported of a title: having looked at what was earned changes no number. */
  isCounted = false;
  counters: Record<Counter, number> = { ...noCounters };
  sizes: Record<SizedKind, number[]> = { date: [], director: [], title: [] };
  runs: Runs = [];
  #earned: readonly EarnedRow[] = [];
  #earnedIds: ReadonlySet<string> = new Set();
  readonly #amounts = new Map<AmountKind, Map<string, Amount>>();

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Begins with what is stored. */
  begin({ person, runs, earned }: StoredPerson): void {
    if (person) {
      const { date, director, title } = person.sizes;
      this.counters = { ...person.counters };
      this.sizes = { date: [...date], director: [...director], title: [...title] };
    }
    this.runs = runs;
    this.earned = earned;
  }

  /** Everything earned, be it long ago. */
  get earned(): readonly EarnedRow[] {
    return this.#earned;
  }

  set earned(rows: readonly EarnedRow[]) {
    this.#earned = rows;
    this.#earnedIds = new Set(rows.map(({ achievement }) => achievement));
  }

  /** What the counters have reached and was not earned before. */
  get crossed(): readonly Achievement[] {
    return reached(this.counters, this.#earnedIds);
  }

  /** The amounts that were touched. */
  get amounts(): readonly Amount[] {
    return [...this.#amounts.values()].flatMap((names) => [...names.values()]);
  }

  /** All there is of a person who has nothing stored. */
  rows(): {
    readonly people: readonly PersonRow[];
    readonly activeDays: readonly ActiveDaysRow[];
    readonly amounts: readonly AmountRow[];
    readonly earned: readonly EarnedRow[];
  } {
    const { userId: user_id, counters, sizes, runs, earned } = this;
    return {
      people: this.isCounted ? [{ user_id, counters, sizes }] : [],
      activeDays: runs.length > 0 ? [{ user_id, runs }] : [],
      amounts: this.amounts
        .filter(({ amount }) => amount !== 0)
        .map(({ kind, name, amount }) => ({ user_id, kind, name, amount })),
      earned,
    };
  }

  /** The amount of a name: nothing, until what is stored is put in. */
  amountOf({ kind, name }: Pick<AmountChange, 'kind' | 'name'>): Amount {
    let names = this.#amounts.get(kind);
    if (!names) this.#amounts.set(kind, (names = new Map<string, Amount>()));
    let amount = names.get(name);
    if (!amount) names.set(name, (amount = { kind, name, amount: 0 }));
    return amount;
  }

  /** The counted plays of a title have changed. */
  changeTitle({ gone, come, plays, acclaimed, amounts }: TitleChange): void {
    const { counters } = this;
    addSums(counters, gone, -1);
    addSums(counters, come, 1);
    counters.films += Number(plays.after > 0) - Number(plays.before > 0);
    counters.acclaimedFilms += acclaimed;
    const before = this.runs;
    for (const change of amounts) this.#add(change);
    this.#resize('title', plays.before, plays.after);
    if (this.runs === before) return;
    const longest = longestOf(this.runs);
    counters.longestStreak = longest ? lengthOf(longest) : 0;
    counters.fullWeekends = fullWeekends(this.runs);
  }

  #add(change: AmountChange): void {
    const { kind, name, by } = change;
    const amount = this.amountOf(change);
    const old = amount.amount;
    amount.amount += by;
    const appeared = Number(amount.amount > 0) - Number(old > 0);
    const distinct = distinctCounters[kind];
    if (distinct !== undefined) this.counters[distinct] += appeared;
    if (kind === 'date' || kind === 'director') this.#resize(kind, old, amount.amount);
    if (kind === 'active' && appeared !== 0) {
      this.runs = (appeared > 0 ? addDay : removeDay)(this.runs, dayNumber(name));
    }
  }

  /** A thing grows or shrinks: it is counted at every size up to its own. */
  #resize(kind: SizedKind, from: number, to: number): void {
    if (from === to) return;
    const counts = this.sizes[kind];
    for (let size = from; size < to; size += 1) counts[size] = (counts[size] ?? 0) + 1;
    for (let size = to; size < from; size += 1) counts[size] = (counts[size] ?? 0) - 1;
    this.counters[sizedCounters[kind]] = largest(counts);
  }
}

/** Adds what counted plays come to, or takes it back, in the counters that are plain sums over plays. */
const addSums = (
  counters: Record<Counter, number>,
  plays: readonly AchievementPlay[],
  sign: 1 | -1,
): void => {
  for (const { facts } of plays) {
    counters.minutes += sign * facts.minutes;
    if (isNightPlay(facts)) counters.nightPlays += sign;
    if (isEarlyPlay(facts)) counters.earlyPlays += sign;
    if (isOldPlay(facts)) counters.oldPlays += sign;
    if (isReleaseDayPlay(facts)) counters.releaseDayPlays += sign;
  }
};

const largest = (counts: readonly number[]): number => {
  let size = counts.length;
  while (size > 0 && (counts[size - 1] ?? 0) === 0) size -= 1;
  return size;
};
