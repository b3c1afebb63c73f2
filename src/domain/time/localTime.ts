import { Temporal } from 'temporal-polyfill';
import type { Instant, LocalDate, Zone } from '../schemas.js';
import { addDays } from './calendar.js';

const MS_PER_COUNTED_DAY = 86_400_000;

/**
 * Which number a zone's calendar or clock shows at a moment. It is asked for by itself and with its numerals named,
 * because the order of a date, its separators and its digits are a locale's, and Node may have other locales than the
 * one asked for, or none.
 */
type Shown = (epochMilliseconds: number) => number;

const shown = (zone: Zone, options: Intl.DateTimeFormatOptions): Shown => {
  const format = new Intl.DateTimeFormat('en', {
    ...{ calendar: 'gregory', numberingSystem: 'latn', timeZone: zone },
    ...options,
  });
  return (epochMilliseconds) => parseInt(format.format(epochMilliseconds), 10);
};

/** Formatters cost a thousand times what formatting does; there are few zones. */
const cached = (make: (zone: Zone) => Shown): ((zone: Zone) => Shown) => {
  const known = new Map<Zone, Shown>();
  return (zone) => {
    let one = known.get(zone);
    if (!one) {
      one = make(zone);
      known.set(zone, one);
    }
    return one;
  };
};

const dayOfMonth = cached((zone) => shown(zone, { day: 'numeric' }));
const minute = cached((zone) => shown(zone, { minute: 'numeric' }));
const hour = cached((zone) => shown(zone, { hour: '2-digit', hourCycle: 'h23' }));

/** The day of an instant in a zone's calendar. */
export const localDateOf = (instant: Instant, zone: Zone): LocalDate => {
  // In UTC the instant's own text says it.
  if (zone === 'UTC') return instant.slice(0, 10);
  const moment = Date.parse(instant);
  const day = dayOfMonth(zone)(moment);
  // No zone is a whole day away from UTC.
  const days = [moment, moment - MS_PER_COUNTED_DAY, moment + MS_PER_COUNTED_DAY].map(
    (each) => new Date(each),
  );
  const date = days.find((each) => each.getUTCDate() === day);
  if (!date) throw new RangeError(`${zone} shows day ${day} at ${instant}`);
  return date.toISOString().slice(0, 10);
};

/**
 * The day of a person that an instant falls on: until `dayEndsAt` (`HH:MM` on the zone's clocks) a night belongs to the
 * day before (SEMANTICS D4).
 */
export const localDayOf = (instant: Instant, zone: Zone, dayEndsAt = '00:00'): LocalDate => {
  const date = localDateOf(instant, zone);
  return dayEndsAt !== '00:00' && localTimeOf(instant, zone) < dayEndsAt ? addDays(date, -1) : date;
};

/** What a zone's clocks show at an instant, as `HH:MM`. */
const localTimeOf = (instant: Instant, zone: Zone): string =>
  [localHourOf(instant, zone), minute(zone)(Date.parse(instant))]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');

/** The hour of an instant on a zone's clocks, 0–23. */
export const localHourOf = (instant: Instant, zone: Zone): number =>
  zone === 'UTC' ? Number(instant.slice(11, 13)) : hour(zone)(Date.parse(instant));

/** Noon of a day in a zone: where a play that knows only its day stands among others (SEMANTICS D2.1). */
export const noonOf = (date: LocalDate, zone: Zone): Instant =>
  canonical(
    Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone, plainTime: '12:00' })
      .epochMilliseconds,
  );

/** The last millisecond of a day in a zone. */
export const endOfDay = (date: LocalDate, zone: Zone): Instant =>
  canonical(
    Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds - 1,
  );

/** A moment as milliseconds since 1970 in the one form that is stored. */
export const canonical = (epochMilliseconds: number): Instant =>
  new Date(epochMilliseconds).toISOString();

const CANONICAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Whether an instant stands there as it is stored; a day that no calendar shows would come back as another. */
const isCanonical = (text: string): boolean => {
  const epochMilliseconds = CANONICAL.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(epochMilliseconds) && canonical(epochMilliseconds) === text;
};

/** What a fraction of a second has beyond nanoseconds, which are all that Temporal reads. */
const BEYOND_NANOSECONDS = /(?<=:\d{2}[.,]\d{9})\d+/;

const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/i;

/** Whether a date and a time of day stand there without an offset from UTC. */
export const lacksOffset = (text: string): boolean => WITHOUT_OFFSET.test(text);

/**
 * A client's RFC 3339 text as an instant, with seconds or without, cut to the millisecond, however many digits a
 * fraction of a second has; a leap second is the second before it. What lacks an offset is read in `zone`, if there
 * is one: a time that clocks show twice is the first of them, and one that they leave out has the offset from before
 * (RFC 5545 §3.3.5).
 * `undefined` for what no calendar shows (a 30th of February, which `Date.parse` takes for a day in March) and
 * for years that the stored form, with its four digits, cannot hold.
 */
export const parseInstant = (text: string, zone?: Zone): Instant | undefined => {
  // As programs write it.
  if (isCanonical(text)) return text;
  try {
    const written = text.replace(BEYOND_NANOSECONDS, '');
    const { epochMilliseconds } =
      zone !== undefined && lacksOffset(written)
        ? Temporal.PlainDateTime.from(written).toZonedDateTime(zone)
        : Temporal.Instant.from(written);
    const instant = canonical(epochMilliseconds);
    return CANONICAL.test(instant) ? instant : undefined;
  } catch {
    return undefined;
  }
};

export const minutesBetween = (a: Instant, b: Instant): number =>
  Math.abs(Date.parse(a) - Date.parse(b)) / 60_000;

export const addMinutes = (instant: Instant, minutes: number): Instant =>
  canonical(Date.parse(instant) + minutes * 60_000);
