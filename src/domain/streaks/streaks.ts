import type { LocalDate } from '../schemas.js';
import { dateOf, dayNumber, mondayOf, weekNumber } from '../time/calendar.js';
import { currentOf, isActive, lengthOf, longestOf, weeksOf, type Run, type Runs } from './runs.js';

/** A streak in days or in ISO weeks; weeks are named by their Mondays. */
export interface Streak {
  readonly current: number;
  readonly currentStart: LocalDate | null;
  readonly longest: number;
  readonly longestStart: LocalDate | null;
  readonly longestEnd: LocalDate | null;
}

export interface Streaks extends Streak {
  /** Whether the day itself has a watch already. */
  readonly activeToday: boolean;
  readonly weekly: Streak;
}

/** Streaks as they stand on a day of the person's zone (SEMANTICS D4); they end by time passing alone. */
export const streaksAsOf = (runs: Runs, today: LocalDate): Streaks => {
  const day = dayNumber(today);
  return {
    ...streakOf(runs, day, dateOf),
    activeToday: isActive(runs, day),
    weekly: streakOf(weeksOf(runs), weekNumber(day), (week) => dateOf(mondayOf(week))),
  };
};

const streakOf = (runs: Runs, now: number, name: (unit: number) => LocalDate): Streak => {
  const current = currentOf(runs, now);
  const longest: Run | undefined = longestOf(runs);
  return {
    current: current ? lengthOf(current) : 0,
    currentStart: current ? name(current.first) : null,
    longest: longest ? lengthOf(longest) : 0,
    longestStart: longest ? name(longest.first) : null,
    longestEnd: longest ? name(longest.last) : null,
  };
};
