import type { Rejection } from '../rejection.js';
import type { Instant, LocalDate, Zone } from '../schemas.js';
import { addMinutes, localDateOf, parseInstant } from '../time/localTime.js';
import type { WatchedValue } from './commands.js';
import type { WatchedWhen } from './events.js';

/** How far ahead of ours a client's clock may be (SEMANTICS D1.5). */
const FUTURE_MINUTES = 5;
/** The year of the oldest film that survives (SEMANTICS D1.5). */
const EARLIEST: LocalDate = '1888-01-01';

export type Resolved = { readonly when: WatchedWhen } | { readonly rejected: Rejection };

/** Fixes when a play took place: the instant, its local date in the zone, how much is known. */
export const resolveWatched = (
  value: WatchedValue,
  zone: Zone,
  now: Instant,
  releaseDate: LocalDate | undefined,
): Resolved => {
  if (value === 'unknown') return { when: { precision: 'unknown', zone } };
  if (value === 'now') return { when: atInstant(now, zone) };
  if (value === 'released') {
    return releaseDate === undefined
      ? invalid(
          'watched',
          'release-date-unknown',
          'cannot be "released": the release date of this film is not known',
        )
      : onDate(releaseDate, zone, now, true);
  }
  if ('date' in value) return onDate(value.date, zone, now, false);
  const instant = parseInstant(value.at);
  if (instant === undefined) return invalid('watched.at', 'no-such-instant', 'is not a moment');
  if (instant > addMinutes(now, FUTURE_MINUTES)) return inFuture('watched.at');
  if (instant < `${EARLIEST}T00:00:00.000Z`) return tooEarly('watched.at');
  return { when: atInstant(instant, zone) };
};

/** The same moment or day seen from another zone. */
export const inZone = (when: WatchedWhen, zone: Zone): WatchedWhen =>
  when.precision === 'instant' ? atInstant(when.instant, zone) : { ...when, zone };

const atInstant = (instant: Instant, zone: Zone): WatchedWhen => ({
  precision: 'instant',
  instant,
  zone,
  localDate: localDateOf(instant, zone),
});

const onDate = (localDate: LocalDate, zone: Zone, now: Instant, released: boolean): Resolved => {
  const field = released ? 'watched' : 'watched.date';
  if (localDate > localDateOf(addMinutes(now, FUTURE_MINUTES), zone)) return inFuture(field);
  if (localDate < EARLIEST) return tooEarly(field);
  return {
    when: { precision: 'date', zone, localDate, ...(released ? { released: true } : {}) },
  };
};

const invalid = (field: string, code: string, message: string): Resolved => ({
  rejected: { kind: 'invalid', code, field, message },
});

const inFuture = (field: string): Resolved =>
  invalid(field, 'watched-in-future', 'lies in the future');

const tooEarly = (field: string): Resolved =>
  invalid(field, 'watched-too-early', `lies before ${EARLIEST}, when there were no films`);
