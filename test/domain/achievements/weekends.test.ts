import { expect } from 'chai';
import fc from 'fast-check';
import { fullWeekends } from '../../../src/domain/achievements/weekends.js';
import { addDay, type Runs } from '../../../src/domain/streaks/runs.js';
import { dayNumber, weekdayOfDay } from '../../../src/domain/time/calendar.js';

const runsOf = (days: Iterable<number>): Runs =>
  [...days].reduce<Runs>((runs, day) => addDay(runs, day), []);

/** Saturday after Saturday, for as long as both days of the weekend are active. */
const weekendsFrom = (days: ReadonlySet<number>, saturday: number): number =>
  days.has(saturday) && days.has(saturday + 1) ? 1 + weekendsFrom(days, saturday + 7) : 0;

describe('Weekends in a row', () => {
  it('are those whose Saturday and Sunday are both active', () => {
    fc.assert(
      fc.property(
        // Most days, so that weekends are full.
        fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 60, maxLength: 300 }),
        (list) => {
          const days = new Set(list);
          const saturdays = [...days].filter((day) => weekdayOfDay(day) === 6);
          expect(fullWeekends(runsOf(days))).to.equal(
            Math.max(0, ...saturdays.map((saturday) => weekendsFrom(days, saturday))),
          );
        },
      ),
    );
  });

  it('are not a Sunday and the Saturday after it', () => {
    const sunday = dayNumber('2026-02-08');
    expect(fullWeekends(runsOf([sunday, sunday + 6]))).to.equal(0);
    expect(fullWeekends(runsOf([sunday - 1, sunday]))).to.equal(1);
  });
});
