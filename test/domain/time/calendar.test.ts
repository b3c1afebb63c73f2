import { expect } from 'chai';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  addDays,
  dateOf,
  dayNumber,
  decadeOf,
  mondayOf,
  monthOf,
  weekdayOf,
  weekNumber,
  yearOf,
} from '../../../src/domain/time/calendar.js';

/** Days from before the first film to far ahead. */
const day = fc.integer({ min: dayNumber('1870-01-01'), max: dayNumber('2200-12-31') });

describe('Days of the calendar', () => {
  it('are counted from 1970-01-01, before it with negative numbers', () => {
    expect(dayNumber('1970-01-01')).to.equal(0);
    expect(dayNumber('1969-12-31')).to.equal(-1);
    expect(dayNumber('2026-02-06')).to.equal(20_490);
  });

  it('follow each other over leap days, ends of months and of years', () => {
    expect(addDays('2024-02-28', 1)).to.equal('2024-02-29');
    expect(addDays('2026-02-28', 1)).to.equal('2026-03-01');
    expect(addDays('1900-02-28', 1)).to.equal('1900-03-01');
    expect(addDays('2000-02-28', 1)).to.equal('2000-02-29');
    expect(addDays('2025-12-31', 1)).to.equal('2026-01-01');
    expect(addDays('2026-01-01', -1)).to.equal('2025-12-31');
  });

  it('agree with Temporal whatever is added', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -5000, max: 5000 }), (from, days) => {
        const date = Temporal.PlainDate.from(dateOf(from));
        expect(addDays(dateOf(from), days)).to.equal(date.add({ days }).toString());
        expect(weekdayOf(dateOf(from))).to.equal(date.dayOfWeek);
        expect(dayNumber(dateOf(from))).to.equal(from);
      }),
    );
  });

  it('belong to weeks that begin with Monday', () => {
    fc.assert(
      fc.property(day, (some) => {
        const monday = mondayOf(weekNumber(some));
        expect(weekdayOf(dateOf(monday))).to.equal(1);
        expect(some - monday).to.be.within(0, 6);
      }),
    );
  });

  it('belong to a month, a year and a decade', () => {
    expect(monthOf('2026-02-06')).to.equal('2026-02');
    expect(yearOf('2026-02-06')).to.equal(2026);
    expect(decadeOf(1999)).to.equal(1990);
    expect(decadeOf(2000)).to.equal(2000);
  });
});
