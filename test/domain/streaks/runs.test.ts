import { expect } from 'chai';
import fc from 'fast-check';
import {
  addDay,
  currentOf,
  isActive,
  lengthOf,
  longestOf,
  removeDay,
  weeksOf,
  type Run,
  type Runs,
} from '../../../src/domain/streaks/runs.js';
import { weekNumber } from '../../../src/domain/time/calendar.js';

/** The runs of a set of days, from nothing. */
const runsOf = (days: Iterable<number>): Run[] => {
  const runs: { first: number; last: number }[] = [];
  for (const day of [...new Set(days)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.last === day - 1) last.last = day;
    else runs.push({ first: day, last: day });
  }
  return runs;
};

const day = fc.integer({ min: -20, max: 40 });
const steps = fc.array(fc.record({ day, add: fc.boolean() }), { maxLength: 80 });

const follow = (changes: readonly { readonly day: number; readonly add: boolean }[]) => {
  const days = new Set<number>();
  let runs: Runs = [];
  for (const { day: changed, add } of changes) {
    runs = (add ? addDay : removeDay)(runs, changed);
    if (add) days.add(changed);
    else days.delete(changed);
  }
  return { days, runs };
};

describe('Runs of days', () => {
  it('are those of the set of days after any additions and removals', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const { days, runs } = follow(changes);
        expect(runs).to.deep.equal(runsOf(days));
      }),
    );
  });

  it('know whether a day is active', () => {
    fc.assert(
      fc.property(steps, day, (changes, asked) => {
        const { days, runs } = follow(changes);
        expect(isActive(runs, asked)).to.equal(days.has(asked));
      }),
    );
  });

  it('have the longest, and of several the latest', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const { runs } = follow(changes);
        const lengths = runs.map(lengthOf);
        const best = Math.max(...lengths);
        expect(longestOf(runs)).to.deep.equal(
          runs.length === 0 ? undefined : runs[lengths.lastIndexOf(best)],
        );
      }),
    );
  });

  it('have a current one that reaches today or yesterday', () => {
    fc.assert(
      fc.property(steps, day, (changes, today) => {
        const { days, runs } = follow(changes);
        let end = today;
        if (!days.has(end)) end -= 1;
        let length = 0;
        while (days.has(end - length)) length += 1;
        const current = currentOf(runs, today);
        expect(current ? lengthOf(current) : 0).to.equal(length);
        if (current) expect(current.last).to.equal(end);
      }),
    );
  });

  it('give the runs of the weeks that they touch', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const { days, runs } = follow(changes);
        expect(weeksOf(runs)).to.deep.equal(runsOf([...days].map(weekNumber)));
      }),
    );
  });
});
