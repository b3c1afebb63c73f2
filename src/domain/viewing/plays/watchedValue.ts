import type { Rejection } from '../../rejection.js';
import type { Instant, LocalDate, Zone } from '../../schemas.js';
import { addMinutes, localDateOf, localDayOf, parseInstant } from '../../time/localTime.js';
import type { ViewingContext, WatchedValue } from '../commands.js';
import type { WatchedWhen } from '../events.js';

/** How far ahead of ours a client's clock may be (SEMANTICS D1.5). */
const FUTURE_MINUTES = 5;
/** The year of the oldest film that survives (SEMANTICS D1.5). */
const EARLIEST: LocalDate = '1888-01-01';

export type Resolved = { readonly when: WatchedWhen } | { readonly rejected: Rejection };

/** Fixes when a play took place: the instant, its local date in the zone, how much is known. */
export const resolveWatched = (
  value: WatchedValue,
  zone: Zone,
  { now, dayEndsAt, title }: Pick<ViewingContext, 'now' | 'dayEndsAt' | 'title'>,
): Resolved => {
  const releaseDate = title?.releaseDate;
  if (value === 'unknown') return { when: { precision: 'unknown', zone } };
  if (value === 'now') return { when: atInstant(now, zone, dayEndsAt) };
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
  const moment = resolveMoment(value.at, now, 'watched.at');
  return 'rejected' in moment ? moment : { when: atInstant(moment.instant, zone, dayEndsAt) };
};

/** A moment as a client says it, which must be neither in the future nor before there were films. */
export const resolveMoment = (
  text: string,
  now: Instant,
  field: string,
): { readonly instant: Instant } | { readonly rejected: Rejection } => {
  const instant = parseInstant(text);
  if (instant === undefined) return invalid(field, 'no-such-instant', 'is not a moment');
  if (instant > addMinutes(now, FUTURE_MINUTES)) return inFuture(field);
  return instant < `${EARLIEST}T00:00:00.000Z` ? tooEarly(field) : { instant };
};

/** The same moment or day seen from another zone. */
export const inZone = (
  when: WatchedWhen,
  zone: Zone,
  dayEndsAt: string | undefined,
): WatchedWhen => {
  // Its day was fixed when it was reported: a preference that changed since does not move it.
  if (zone === when.zone) return when;
  return when.precision === 'instant'
    ? atInstant(when.instant, zone, dayEndsAt)
    : { ...when, zone };
};

const atInstant = (instant: Instant, zone: Zone, dayEndsAt: string | undefined): WatchedWhen => ({
  precision: 'instant',
  instant,
  zone,
  localDate: localDayOf(instant, zone, dayEndsAt),
});

const onDate = (localDate: LocalDate, zone: Zone, now: Instant, released: boolean): Resolved => {
  const field = released ? 'watched' : 'watched.date';
  if (localDate > localDateOf(addMinutes(now, FUTURE_MINUTES), zone)) return inFuture(field);
  if (localDate < EARLIEST) return tooEarly(field);
  return {
    when: { precision: 'date', zone, localDate, ...(released ? { released: true } : {}) },
  };
};

const invalid = (
  field: string,
  code: string,
  message: string,
): { readonly rejected: Rejection } => ({
  rejected: { kind: 'invalid', code, field, message },
});

const inFuture = (field: string) =>
  invalid(field, field === 'at' ? 'in-future' : 'watched-in-future', 'lies in the future');

const tooEarly = (field: string) =>
  invalid(
    field,
    field === 'at' ? 'too-early' : 'watched-too-early',
    `lies before ${EARLIEST}, when there were no films`,
  );
