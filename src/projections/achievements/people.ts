import type { Runs } from '../../domain/streaks/runs.js';
import type { TableFold } from '../engine/tables/tableFold.js';
import type { ProjectionTransaction } from '../ports/projection.js';
import { PersonTotals } from './personTotals.js';
import { isOfTitle, userOf, type Step } from './steps.js';
import {
  activeDaysTable,
  amountsTable,
  earnedTable,
  peopleTable,
  type ActiveDaysRow,
  type AmountRow,
  type EarnedRow,
  type PersonRow,
} from './tables.js';

const NO_RUNS: Runs = [];

/** What is stored of the people whom a page of events touches. */
interface StoredPeople {
  readonly people: TableFold<PersonRow>;
  readonly activeDays: TableFold<ActiveDaysRow>;
  readonly amounts: TableFold<AmountRow>;
  /** By person: whoever earns something has not earned it yet. */
  readonly earned: ReadonlyMap<string, readonly EarnedRow[]>;
}

/** The people whom some steps touch, with the amounts that the steps change. */
export const loadPeople = async (
  tx: ProjectionTransaction,
  steps: readonly Step[],
): Promise<{
  readonly people: ReadonlyMap<string, PersonTotals>;
  readonly stored: StoredPeople;
}> => {
  const people = new Map<string, PersonTotals>();
  for (const step of steps) {
    const userId = userOf(step);
    const person = people.get(userId) ?? new PersonTotals(userId);
    people.set(userId, person);
    const amounts = isOfTitle(step) ? (step.counted?.amounts ?? []) : [];
    for (const amount of amounts) person.amountOf(amount);
  }
  const keys = [...people.keys()].map((user_id) => ({ user_id }));
  const wanted = [...people.values()].flatMap(({ userId, amounts }) =>
    amounts.map(({ kind, name }) => ({ user_id: userId, kind, name })),
  );
  const earned = new Map<string, EarnedRow[]>(keys.map(({ user_id }) => [user_id, []]));
  for (const row of await earnedTable.select(tx, ['user_id'], keys)) {
    earned.get(row.user_id)?.push(row);
  }
  const stored: StoredPeople = {
    people: await peopleTable.load(tx, keys),
    activeDays: await activeDaysTable.load(tx, keys),
    amounts: await amountsTable.load(tx, wanted),
    earned,
  };
  for (const person of people.values()) {
    const key = { user_id: person.userId };
    person.begin({
      person: stored.people.get(key),
      runs: stored.activeDays.get(key)?.runs ?? NO_RUNS,
      earned: earned.get(person.userId) ?? [],
    });
    for (const amount of person.amounts) {
      const { kind, name } = amount;
      amount.amount = stored.amounts.get({ kind, name, ...key })?.amount ?? 0;
    }
  }
  return { people, stored };
};

/** Writes what has changed of them. */
export const writePeople = async (
  tx: ProjectionTransaction,
  people: Iterable<PersonTotals>,
  { people: totals, activeDays, amounts, earned }: StoredPeople,
): Promise<void> => {
  const changed: EarnedRow[] = [];
  const deleted: Partial<EarnedRow>[] = [];
  for (const person of people) {
    const { userId: user_id, counters, sizes, runs } = person;
    if (person.isCounted) totals.set({ user_id, counters, sizes });
    if (runs.length === 0) activeDays.delete({ user_id });
    else if (runs !== activeDays.get({ user_id })?.runs) activeDays.set({ user_id, runs });
    for (const { kind, name, amount } of person.amounts) {
      const row = { user_id, kind, name };
      const before = amounts.get(row)?.amount ?? 0;
      if (amount === 0) amounts.delete(row);
      else if (amount !== before) amounts.set({ amount, ...row });
    }
    const before = new Set(earned.get(user_id));
    const now = new Set(person.earned.map(({ achievement }) => achievement));
    changed.push(...person.earned.filter((row) => !before.has(row)));
    for (const { achievement } of before) {
      if (!now.has(achievement)) deleted.push({ user_id, achievement });
    }
  }
  await totals.flush(tx);
  await activeDays.flush(tx);
  await amounts.flush(tx);
  await earnedTable.write(tx, { fresh: [], changed, deleted });
};
