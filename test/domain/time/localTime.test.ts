import { expect } from 'chai';
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Temporal } from 'temporal-polyfill';
import { dateOf, dayNumber } from '../../../src/domain/time/calendar.js';
import {
  addMinutes,
  canonical,
  localDateOf,
  localDayOf,
  localHourOf,
  minutesBetween,
  noonOf,
  parseInstant,
} from '../../../src/domain/time/localTime.js';
import { isZone } from '../../../src/domain/validation.js';
import { compiledSource } from '../../support/run/compiledSource.js';

/** Zones with half hours, both edges of the day, daylight saving on both hemispheres and by half an hour. */
const zone = fc.constantFrom(
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Asia/Kolkata'],
  ...['Asia/Kathmandu', 'Pacific/Kiritimati', 'Pacific/Honolulu', 'Pacific/Apia'],
  ...['Australia/Lord_Howe', 'America/Sao_Paulo', 'Africa/Casablanca', 'Antarctica/Troll'],
);
const moment = fc.date({
  min: new Date('1888-01-01T00:00:00.000Z'),
  max: new Date('2100-01-01T00:00:00.000Z'),
  noInvalidDate: true,
});

describe('The local date of an instant', () => {
  const dates: readonly (readonly [string, string, string, string])[] = [
    ['the same day', '2026-02-06T12:00:00.000Z', 'Europe/Berlin', '2026-02-06'],
    ['the evening before in America', '2026-02-07T03:26:00.000Z', 'America/New_York', '2026-02-06'],
    ['the next morning in India', '2026-02-01T18:45:00.000Z', 'Asia/Kolkata', '2026-02-02'],
    ['the last moment of a day', '2026-02-06T22:59:59.999Z', 'Europe/Berlin', '2026-02-06'],
    ['the first moment of a day', '2026-02-06T23:00:00.000Z', 'Europe/Berlin', '2026-02-07'],
    ['a night that loses an hour', '2026-03-08T04:59:59.999Z', 'America/New_York', '2026-03-07'],
    ['a day begun in winter time', '2026-03-08T05:00:00.000Z', 'America/New_York', '2026-03-08'],
    ['and ended in summer time', '2026-03-09T03:59:59.999Z', 'America/New_York', '2026-03-08'],
    ['the day of 25 hours, its end', '2026-11-02T04:59:59.999Z', 'America/New_York', '2026-11-01'],
    ['west of the date line', '2026-02-06T11:00:00.000Z', 'Pacific/Kiritimati', '2026-02-07'],
    ['east of the date line', '2026-02-06T09:59:00.000Z', 'Pacific/Honolulu', '2026-02-05'],
    ['Samoa before its lost day', '2011-12-30T09:59:59.999Z', 'Pacific/Apia', '2011-12-29'],
    ['Samoa after its lost day', '2011-12-30T10:00:00.000Z', 'Pacific/Apia', '2011-12-31'],
    ['the oldest film', '1888-10-14T12:00:00.000Z', 'Europe/London', '1888-10-14'],
    ['UTC itself', '2026-02-06T23:59:59.999Z', 'UTC', '2026-02-06'],
  ];
  for (const [what, instant, in_, expected] of dates) {
    it(`is right for ${what}`, () => {
      expect(localDateOf(instant, in_)).to.equal(expected);
    });
  }

  it('and the local hour agree with Temporal everywhere', () => {
    fc.assert(
      fc.property(moment, zone, (at, in_) => {
        const instant = at.toISOString();
        const local = Temporal.Instant.from(instant).toZonedDateTimeISO(in_);
        expect(localDateOf(instant, in_)).to.equal(local.toPlainDate().toString());
        expect(localHourOf(instant, in_)).to.equal(local.hour);
      }),
    );
  });
});

describe('The day of a person whose day ends later than midnight', () => {
  const days: readonly (readonly [string, string, string, string, string])[] = [
    ['the last moment of it', '2026-02-07T03:59:59.999Z', 'UTC', '04:00', '2026-02-06'],
    ['the first moment of the next', '2026-02-07T04:00:00.000Z', 'UTC', '04:00', '2026-02-07'],
    ['midnight, where it ends then', '2026-02-07T00:00:00.000Z', 'UTC', '00:00', '2026-02-07'],
    ['the evening', '2026-02-06T22:00:00.000Z', 'UTC', '06:00', '2026-02-06'],
    ['a night elsewhere', '2026-02-06T20:30:00.000Z', 'Asia/Kolkata', '02:30', '2026-02-06'],
    ['and the morning after', '2026-02-06T21:00:00.000Z', 'Asia/Kolkata', '02:30', '2026-02-07'],
    [
      'a night that loses an hour',
      '2026-03-08T07:30:00.000Z',
      'America/New_York',
      '03:00',
      '2026-03-08',
    ],
    ['before that hour', '2026-03-08T06:59:59.000Z', 'America/New_York', '03:00', '2026-03-07'],
    [
      'an hour told twice, first',
      '2026-11-01T05:30:00.000Z',
      'America/New_York',
      '02:00',
      '2026-10-31',
    ],
    [
      'an hour told twice, then',
      '2026-11-01T06:30:00.000Z',
      'America/New_York',
      '02:00',
      '2026-10-31',
    ],
    ['the first of a year', '2026-01-01T01:00:00.000Z', 'UTC', '05:00', '2025-12-31'],
  ];
  for (const [what, instant, in_, dayEndsAt, expected] of days) {
    it(`is right for ${what}`, () => {
      expect(localDayOf(instant, in_, dayEndsAt)).to.equal(expected);
    });
  }
});

describe('Local time where Node lacks the locale that is asked for', () => {
  const otherLocale = fileURLToPath(new URL('../../support/run/otherLocale.mjs', import.meta.url));
  const localTime = pathToFileURL(compiledSource('domain/time/localTime.js')).href;
  const evaluated = async (locale: string, expressions: string): Promise<unknown> => {
    const script = `
      import { endOfDay, localDateOf, localHourOf, noonOf } from '${localTime}';
      const instant = '2026-02-28T23:30:00.000Z';
      console.log(JSON.stringify([${expressions}]));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', otherLocale, '--input-type=module', '-e', script],
      { env: { ...process.env, TEST_LOCALE: locale } },
    );
    return JSON.parse(stdout);
  };

  // The root locale; another order; and other calendars, numerals and words.
  for (const locale of ['und', 'en-US', 'de-DE', 'th-TH', 'ja-JP', 'ar-EG', 'fa-IR']) {
    it(`shows the same day and hour with ${locale}`, async () => {
      const east = "localDateOf(instant, 'Asia/Kolkata'), localHourOf(instant, 'Asia/Kolkata')";
      const west = east.replaceAll('Asia/Kolkata', 'America/New_York');
      const shown = await evaluated(locale, `${east}, ${west}`);
      expect(shown).to.deep.equal(['2026-03-01', 5, '2026-02-28', 18]);
    });
  }

  it('has the same noon and end of a day with the root locale alone', async () => {
    const day = "'2026-07-15', 'Europe/Berlin'";
    expect(await evaluated('und', `noonOf(${day}), endOfDay(${day})`)).to.deep.equal([
      ...['2026-07-15T10:00:00.000Z', '2026-07-15T21:59:59.999Z'],
    ]);
  });
});

describe('Noon of a local date', () => {
  it('is 12 o’clock on the clocks of the zone', () => {
    expect(noonOf('2026-01-15', 'Europe/Berlin')).to.equal('2026-01-15T11:00:00.000Z');
    expect(noonOf('2026-07-15', 'Europe/Berlin')).to.equal('2026-07-15T10:00:00.000Z');
    expect(noonOf('2026-03-08', 'America/New_York')).to.equal('2026-03-08T16:00:00.000Z');
    expect(noonOf('2026-02-06', 'Pacific/Kiritimati')).to.equal('2026-02-05T22:00:00.000Z');
    expect(noonOf('2026-02-06', 'Pacific/Honolulu')).to.equal('2026-02-06T22:00:00.000Z');
  });

  it('lies on that date', () => {
    const day = fc.integer({ min: dayNumber('1950-01-01'), max: dayNumber('2100-01-01') });
    fc.assert(
      fc.property(day, zone, (some, in_) => {
        const date = dateOf(some);
        // Samoa skipped a day, and had no noon of it.
        fc.pre(!(in_ === 'Pacific/Apia' && date === '2011-12-30'));
        expect(localDateOf(noonOf(date, in_), in_)).to.equal(date);
        expect(localHourOf(noonOf(date, in_), in_)).to.equal(12);
      }),
    );
  });

  it('is there even for a day that a zone skipped', () => {
    expect(noonOf('2011-12-30', 'Pacific/Apia')).to.match(/^2011-12-3[01]T/);
  });
});

describe('A zone', () => {
  it('is one that all of the calendar’s sums can be done in', () => {
    const legacy = ['PST', 'CST', 'ACT', 'IST', 'EST', 'US/Eastern', 'Etc/GMT+5', 'SystemV/EST5'];
    for (const name of [...Intl.supportedValuesOf('timeZone'), ...legacy]) {
      if (isZone(name)) expect(noonOf('2026-02-06', name), name).to.match(/^2026-02-0[567]T/);
    }
  });

  it('is known by its name, also an old one, in any case', () => {
    for (const name of ['Europe/Berlin', 'US/Eastern', 'Asia/Calcutta', 'UTC', 'europe/berlin']) {
      expect(isZone(name), name).to.equal(true);
    }
  });

  it('is neither an offset nor an abbreviation nor made up', () => {
    for (const name of ['+02:00', 'PST', 'Mars/Olympus', '', 'Etc/Unknown', 'GMT+5', 'Z']) {
      expect(isZone(name), name).to.equal(false);
    }
  });
});

describe('A client’s instant', () => {
  const parsed: readonly (readonly [string, string | undefined])[] = [
    ['2026-02-06T20:15:30.123Z', '2026-02-06T20:15:30.123Z'],
    ['2026-02-06T20:15:30Z', '2026-02-06T20:15:30.000Z'],
    ['2026-02-06T20:15:30+05:30', '2026-02-06T14:45:30.000Z'],
    ['2026-02-06T20:15:30-08:00', '2026-02-07T04:15:30.000Z'],
    ['2026-02-06t20:15:30z', '2026-02-06T20:15:30.000Z'],
    ['2026-02-06 20:15:30Z', '2026-02-06T20:15:30.000Z'],
    ['2026-02-06T20:15:30.123999999Z', '2026-02-06T20:15:30.123Z'],
    ['2026-02-06T20:15:30.1239999999Z', '2026-02-06T20:15:30.123Z'],
    [`2026-02-06T20:15:30.${'9'.repeat(60)}+01:00`, '2026-02-06T19:15:30.999Z'],
    ['2026-02-06T20:15:30.Z', undefined],
    ['2026-02-06T20:15+01:00', '2026-02-06T19:15:00.000Z'],
    ['2026-02-06T20:15Z', '2026-02-06T20:15:00.000Z'],
    ['2026-02-06T20:15:30', undefined],
    // A leap second has no number of its own.
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2026-02-29T00:00:00Z', undefined],
    ['2026-02-30T00:00:00.000Z', undefined],
    ['2026-04-31T00:00:00Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-02-06T24:30:00Z', undefined],
    ['2026-13-01T00:00:00.000Z', undefined],
    ['2026-02-06T24:00:00.000Z', undefined],
    ['2016-12-31T23:59:60.000Z', '2016-12-31T23:59:59.000Z'],
    ['yesterday', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of parsed) {
    it(`${JSON.stringify(text)} is ${expected ?? 'none'}`, () => {
      expect(parseInstant(text)).to.equal(expected);
    });
  }

  it('is read in a zone where it has no offset: the first time where there are two, and past a gap', () => {
    for (const [text, zone, expected] of [
      ['2026-02-06T20:15', 'Europe/Berlin', '2026-02-06T19:15:00.000Z'],
      ['2026-02-06 20:15:30.1234567891', 'Asia/Tokyo', '2026-02-06T11:15:30.123Z'],
      ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
      ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
      ['2026-02-06T20:15-08:00', 'Europe/Berlin', '2026-02-07T04:15:00.000Z'],
      ['2026-02-30T20:15', 'Europe/Berlin', undefined],
      ['2026-02-06', 'Europe/Berlin', undefined],
    ] as const) {
      expect(parseInstant(text, zone), `${text} ${zone}`).to.equal(expected);
    }
  });

  it('is itself in canonical form', () => {
    fc.assert(
      fc.property(moment, (at) => {
        expect(parseInstant(at.toISOString())).to.equal(at.toISOString());
        expect(canonical(at.getTime())).to.equal(at.toISOString());
      }),
    );
  });
});

describe('Minutes', () => {
  it('lie between two instants in either order', () => {
    expect(minutesBetween('2026-01-01T00:00:00.000Z', '2026-01-01T00:10:30.000Z')).to.equal(10.5);
    expect(minutesBetween('2026-01-01T00:10:30.000Z', '2026-01-01T00:00:00.000Z')).to.equal(10.5);
  });

  it('are added over the end of a day', () => {
    expect(addMinutes('2025-12-31T23:58:00.000Z', 5)).to.equal('2026-01-01T00:03:00.000Z');
  });
});
