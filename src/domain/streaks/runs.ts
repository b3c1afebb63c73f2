import { weekNumber, type DayNumber } from '../time/calendar.js';

/** Consecutive days (or weeks), both ends included. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** Runs in order, with at least one day missing between any two. */
export type Runs = readonly Run[];

export const lengthOf = (run: Run): number => run.last - run.first + 1;

/** A day becomes active: it joins what it touches. */
export const addDay = (runs: Runs, day: DayNumber): Runs => {
  if (isActive(runs, day)) return runs;
  const before = runs.filter((run) => run.last < day - 1);
  const after = runs.filter((run) => run.first > day + 1);
  const touching = runs.slice(before.length, runs.length - after.length);
  const joined = {
    first: Math.min(day, ...touching.map((run) => run.first)),
    last: Math.max(day, ...touching.map((run) => run.last)),
  };
  return [...before, joined, ...after];
};

/** A day is active no more: it splits the run it was in. */
export const removeDay = (runs: Runs, day: DayNumber): Runs =>
  runs.flatMap((run) =>
    day < run.first || day > run.last
      ? [run]
      : [
          { first: run.first, last: day - 1 },
          { first: day + 1, last: run.last },
        ].filter((rest) => rest.first <= rest.last),
  );

export const isActive = (runs: Runs, day: DayNumber): boolean =>
  runs.some((run) => run.first <= day && day <= run.last);

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
