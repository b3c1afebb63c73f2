import { expect } from 'chai';
import { addDay, removeDay, type Runs } from '../../../src/domain/streaks/runs.js';
import { streaksAsOf } from '../../../src/domain/streaks/streaks.js';
import { addDays, dayNumber } from '../../../src/domain/time/calendar.js';
import { localDateOf } from '../../../src/domain/time/localTime.js';
import type { WatchedValue } from '../../../src/domain/viewing/commands.js';
import type { WatchedWhen } from '../../../src/domain/viewing/events.js';
import { activeDateOf } from '../../../src/domain/viewing/plays/titlePlays.js';
import { resolveWatched } from '../../../src/domain/viewing/plays/watchedValue.js';
import { snapshotOf } from '../../support/histories/viewingEvents.js';

const NEW_YORK = 'America/New_York';
const LOS_ANGELES = 'America/Los_Angeles';
const KOLKATA = 'Asia/Kolkata';
const KIRITIMATI = 'Pacific/Kiritimati';
const HONOLULU = 'Pacific/Honolulu';

/** A watch as a client reports it, fixed to a local date as the domain does. */
const watched = (value: WatchedValue, zone: string, now = '2027-12-31T12:00:00.000Z') => {
  const resolved = resolveWatched(value, zone, {
    now,
    title: snapshotOf({ releaseDate: '2026-07-20' }),
  });
  if ('rejected' in resolved) throw new Error(resolved.rejected.message);
  return resolved.when;
};

const runsOf = (plays: readonly WatchedWhen[]): Runs =>
  plays
    .map(activeDateOf)
    .filter((date) => date !== undefined)
    .reduce<Runs>((runs, date) => addDay(runs, dayNumber(date)), []);

const asOf = (plays: readonly WatchedWhen[], now: string, zone: string) =>
  streaksAsOf(runsOf(plays), localDateOf(now, zone));

const onDays = (...dates: readonly string[]): Runs =>
  runsOf(dates.map((date) => watched({ date }, 'UTC')));

describe('Streaks', () => {
  describe('follow the ten vectors of the semantics:', () => {
    it('1. two evenings in New York are two days, although the second is tomorrow in UTC', () => {
      const now = '2026-02-07T03:26:00.000Z';
      const plays = [
        watched({ at: '2026-02-05T21:00:00-05:00' }, NEW_YORK, now),
        watched('now', NEW_YORK, now),
      ];
      expect(asOf(plays, now, NEW_YORK)).to.deep.include({
        current: 2,
        currentStart: '2026-02-05',
        activeToday: true,
        longest: 2,
        longestStart: '2026-02-05',
        longestEnd: '2026-02-06',
      });
    });

    it('2. both sides of midnight in India are two days, although one day in UTC', () => {
      const plays = [
        watched({ at: '2026-03-01T23:30:00+05:30' }, KOLKATA),
        watched({ at: '2026-03-02T00:15:00+05:30' }, KOLKATA),
      ];
      expect(asOf(plays, '2026-03-02T01:00:00+05:30', KOLKATA).current).to.equal(2);
    });

    it('3. three days around the night in which the clocks of New York jump', () => {
      const plays = [
        watched({ at: '2026-03-07T23:00:00-05:00' }, NEW_YORK),
        watched({ at: '2026-03-08T23:00:00-04:00' }, NEW_YORK),
        watched({ at: '2026-03-09T00:10:00-04:00' }, NEW_YORK),
      ];
      expect(asOf(plays, '2026-03-09T04:20:00.000Z', NEW_YORK).current).to.equal(3);
    });

    it('4. the last watch two local days ago ends the streak, and the longest stays', () => {
      const plays = [
        watched({ date: '2026-05-01' }, 'UTC'),
        watched({ date: '2026-05-02' }, 'UTC'),
      ];
      expect(asOf(plays, '2026-05-04T00:30:00.000Z', 'UTC')).to.deep.include({
        current: 0,
        currentStart: null,
        activeToday: false,
        longest: 2,
      });
    });

    it('5. with yesterday alone the streak is alive, today not yet active', () => {
      const plays = [watched({ date: '2026-05-03' }, 'UTC')];
      expect(asOf(plays, '2026-05-04T23:59:00.000Z', 'UTC')).to.deep.include({
        current: 1,
        currentStart: '2026-05-03',
        activeToday: false,
      });
    });

    it('6. a diary date is that date, whatever the zone', () => {
      const plays = [watched({ date: '2026-07-20' }, LOS_ANGELES)];
      expect(asOf(plays, '2026-07-20T20:00:00.000Z', LOS_ANGELES)).to.deep.include({
        longestStart: '2026-07-20',
        longestEnd: '2026-07-20',
      });
    });

    it('7. three hundred watches without a date are no streak; nor are dates taken from the release', () => {
      const plays = Array.from({ length: 300 }, () => watched('unknown', 'UTC'));
      const released = watched('released', 'UTC');
      expect(asOf([...plays, released], '2026-07-20T12:00:00.000Z', 'UTC')).to.deep.include({
        current: 0,
        longest: 0,
        longestStart: null,
        longestEnd: null,
      });
    });

    it('8. ten watches of one moment are one active day', () => {
      const plays = Array.from({ length: 10 }, () =>
        watched('now', NEW_YORK, '2026-04-02T02:00:00.000Z'),
      );
      expect(asOf(plays, '2026-04-02T02:00:00.000Z', NEW_YORK)).to.deep.include({
        current: 1,
        longest: 1,
        currentStart: '2026-04-01',
      });
    });

    it('9. taking away the middle day splits the streak, and putting it back joins it', () => {
      const whole = onDays('2026-06-01', '2026-06-02', '2026-06-03');
      const split = removeDay(whole, dayNumber('2026-06-02'));
      expect(streaksAsOf(split, '2026-06-03')).to.deep.include({
        current: 1,
        currentStart: '2026-06-03',
        longest: 1,
        longestStart: '2026-06-03',
      });
      expect(addDay(split, dayNumber('2026-06-02'))).to.deep.equal(whole);
    });

    it('10. on both sides of the date line each watch keeps its own local date', () => {
      const instant = '2026-08-10T10:30:00.000Z';
      const plays = [watched({ at: instant }, KIRITIMATI), watched({ at: instant }, HONOLULU)];
      expect(plays.map(activeDateOf)).to.deep.equal(['2026-08-11', '2026-08-10']);
      expect(asOf(plays, instant, KIRITIMATI).current).to.equal(2);
    });
  });

  it('are nothing without a watch', () => {
    expect(streaksAsOf([], '2026-06-01')).to.deep.equal({
      current: 0,
      currentStart: null,
      activeToday: false,
      longest: 0,
      longestStart: null,
      longestEnd: null,
      weekly: { current: 0, currentStart: null, longest: 0, longestStart: null, longestEnd: null },
    });
  });

  it('name the latest of several longest', () => {
    const runs = onDays('2026-01-01', '2026-01-02', '2026-02-01', '2026-02-02', '2026-03-01');
    expect(streaksAsOf(runs, '2026-06-01')).to.deep.include({
      longest: 2,
      longestStart: '2026-02-01',
      longestEnd: '2026-02-02',
    });
  });

  it('count weeks from Monday to Sunday, over the end of the year', () => {
    // 2026-12-27 is a Sunday, 2027-01-01 a Friday, 2027-01-10 a Sunday.
    const runs = onDays('2026-12-27', '2027-01-01', '2027-01-10');
    expect(streaksAsOf(runs, '2027-01-17').weekly).to.deep.equal({
      current: 3,
      currentStart: '2026-12-21',
      longest: 3,
      longestStart: '2026-12-21',
      longestEnd: '2027-01-04',
    });
    expect(streaksAsOf(runs, '2027-01-18').weekly.current).to.equal(0);
  });

  it('change with the zone of the person only in what today is', () => {
    const runs = onDays('2026-06-01', '2026-06-02');
    const now = '2026-06-04T05:00:00.000Z';
    expect(streaksAsOf(runs, localDateOf(now, 'UTC')).current).to.equal(0);
    expect(streaksAsOf(runs, localDateOf(now, HONOLULU)).current).to.equal(2);
  });

  it('do not count days that lie ahead: a watch elsewhere can be dated tomorrow', () => {
    const today = '2026-06-03';
    const runs = onDays('2026-06-02', today, addDays(today, 1));
    expect(streaksAsOf(runs, today)).to.deep.include({ current: 2, longest: 3 });
  });
});
