import { Temporal } from 'temporal-polyfill';
import type { Instant, LocalDate, Zone } from '../schemas.js';

/** Formatters cost a thousand times what formatting does; there are few zones. */
const dateFormats = new Map<Zone, Intl.DateTimeFormat>();
const hourFormats = new Map<Zone, Intl.DateTimeFormat>();

const cached = (
  formats: Map<Zone, Intl.DateTimeFormat>,
  zone: Zone,
  locale: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat => {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    formats.set(zone, format);
  }
  return format;
};

/** The day of an instant in a zone's calendar. */
export const localDateOf = (instant: Instant, zone: Zone): LocalDate =>
  // In UTC the instant's own text says it.
  zone === 'UTC'
    ? instant.slice(0, 10)
    : cached(dateFormats, zone, 'en-CA', {
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
      }).format(Date.parse(instant));

/** The hour of an instant on a zone's clocks, 0–23. */
export const localHourOf = (instant: Instant, zone: Zone): number =>
  zone === 'UTC'
    ? Number(instant.slice(11, 13))
    : Number(
        cached(hourFormats, zone, 'en-GB', { hour: '2-digit', hourCycle: 'h23' }).format(
          Date.parse(instant),
        ),
      );

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

/**
 * A client's RFC 3339 text as an instant, to the millisecond; a leap second is the second before it.
 * `undefined` for what no calendar shows (a 30th of February, which `Date.parse` takes for a day in March) and
 * for years that the stored form, with its four digits, cannot hold.
 */
export const parseInstant = (text: string): Instant | undefined => {
  try {
    const instant = canonical(Temporal.Instant.from(text).epochMilliseconds);
    return CANONICAL.test(instant) ? instant : undefined;
  } catch {
    return undefined;
  }
};

export const minutesBetween = (a: Instant, b: Instant): number =>
  Math.abs(Date.parse(a) - Date.parse(b)) / 60_000;

export const addMinutes = (instant: Instant, minutes: number): Instant =>
  canonical(Date.parse(instant) + minutes * 60_000);
