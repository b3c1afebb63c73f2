import { isActive, type Runs } from '../streaks/runs.js';
import { mondayOf, weekNumber } from '../time/calendar.js';

/** The longest run of weekends whose Saturday and Sunday are both active. */
export const fullWeekends = (runs: Runs): number => {
  let best = 0;
  let current = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (const week of candidateWeeks(runs)) {
    const saturday = mondayOf(week) + 5;
    if (!isActive(runs, saturday) || !isActive(runs, saturday + 1)) continue;
    current = week === previous + 1 ? current + 1 : 1;
    previous = week;
    best = Math.max(best, current);
  }
  return best;
};

/** A full weekend lies within one run of at least two days. */
const candidateWeeks = (runs: Runs): readonly number[] => [
  ...new Set(
    runs
      .filter((run) => run.last > run.first)
      .flatMap((run) => {
        const first = weekNumber(run.first);
        return Array.from({ length: weekNumber(run.last) - first + 1 }, (_, n) => first + n);
      }),
  ),
];
