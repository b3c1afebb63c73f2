import type { Runs } from '../streaks/runs.js';

/** In a week that begins on Monday; week `w` begins on the day `7 w − 3` (see `mondayOf`). */
const SATURDAY = 2;
const SUNDAY = 3;

/** The longest run of weekends whose Saturday and Sunday are both active; both lie in one run of days. */
export const fullWeekends = (runs: Runs): number => {
  let best = 0;
  let current = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    const first = Math.ceil((run.first - SATURDAY) / 7);
    const last = Math.floor((run.last - SUNDAY) / 7);
    if (last < first) continue;
    current = (first === previous + 1 ? current : 0) + last - first + 1;
    previous = last;
    best = Math.max(best, current);
  }
  return best;
};
