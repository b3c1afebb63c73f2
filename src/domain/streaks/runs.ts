import { weekNumber, type DayNumber } from '../time/calendar.js';

/** Consecutive days (or weeks), both ends included. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** Runs in order, with at least one day missing between any two. */
export type Runs = readonly Run[];

export const lengthOf = (run: Run): number => run.last - run.first + 1;

/** The runs that some active days make. @param days each once, in order */
export const runsOf = (days: readonly DayNumber[]): Runs => {
  const runs: { first: number; last: number }[] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run?.last === day - 1) run.last = day;
    else runs.push({ first: day, last: day });
  }
  return runs;
};

/** A day becomes active: it joins what it touches. */
export const addDay = (runs: Runs, day: DayNumber): Runs => {
  // At most two runs touch a day that was not active; one holds a day that was.
  const from = firstEndingFrom(runs, day - 1);
  let to = from;
  let joined: Run = { first: day, last: day };
  for (let run = runs[to]; run && run.first <= day + 1; run = runs[to]) {
    if (run.first <= day && day <= run.last) return runs;
    joined = { first: Math.min(joined.first, run.first), last: Math.max(joined.last, run.last) };
    to += 1;
  }
  return [...runs.slice(0, from), joined, ...runs.slice(to)];
};

/** A day is active no more: it splits the run it was in. */
export const removeDay = (runs: Runs, day: DayNumber): Runs => {
  const at = firstEndingFrom(runs, day);
  const run = runs[at];
  if (!run || run.first > day) return runs;
  const rests = [
    { first: run.first, last: day - 1 },
    { first: day + 1, last: run.last },
  ].filter((rest) => rest.first <= rest.last);
  return [...runs.slice(0, at), ...rests, ...runs.slice(at + 1)];
};

export const isActive = (runs: Runs, day: DayNumber): boolean =>
  (runs[firstEndingFrom(runs, day)]?.first ?? Infinity) <= day;

/** The index of the first run that ends on the day or later: found by halving, runs being in order. */
const firstEndingFrom = (runs: Runs, day: DayNumber): number => {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.last ?? Infinity) < day) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The longest run; the latest of several (SEMANTICS D4). */
export const longestOf = (runs: Runs): Run | undefined =>
  runs.reduce<Run | undefined>(
    (best, run) => (best && lengthOf(best) > lengthOf(run) ? best : run),
    undefined,
  );

/** The run that is alive: it has today in it, or yesterday. */
export const currentOf = (runs: Runs, today: number): Run | undefined => {
  const run = runs.find(({ first, last }) => first <= today && last >= today - 1);
  return run && { first: run.first, last: Math.min(run.last, today) };
};

/** The weeks that have an active day, as runs of weeks. */
export const weeksOf = (runs: Runs): Runs => {
  const weeks: Run[] = [];
  for (const run of runs) {
    const next = { first: weekNumber(run.first), last: weekNumber(run.last) };
    const previous = weeks.at(-1);
    if (previous && next.first <= previous.last + 1) {
      weeks[weeks.length - 1] = { first: previous.first, last: next.last };
    } else weeks.push(next);
  }
  return weeks;
};
