import type { LocalDate } from '../schemas.js';
import { addDays } from '../time/calendar.js';

/** Days of a provider's calendar (UTC), both included. */
export interface Window {
  readonly start: LocalDate;
  readonly end: LocalDate;
}

/** The most days that providers tell the changes of at a time (TMDb: "up to 14 days"). */
export const SLICE_DAYS = 14;

/**
 * The days whose changes are to be asked for (SEMANTICS D11): from the end of what was completed, for of that day not
 * everything was known then, else from yesterday; until today. Either side can be given instead.
 * @returns why not, where those are no days that can be asked for
 */
export const windowOf = (
  given: Partial<Window>,
  { completedUntil, today }: { readonly completedUntil: LocalDate | undefined; today: LocalDate },
): Window | string => {
  const start = given.start ?? completedUntil ?? addDays(today, -1);
  const end = given.end ?? today;
  if (end > today) return `The end, ${end}, is after today, ${today} (UTC).`;
  if (start <= end) return { start, end };
  const since = given.start === undefined ? 'where the last sync ended' : 'the start';
  return `The end, ${end}, is before ${start}, ${since}.`;
};

/** The window in parts that can be asked for at once; the end of each is the beginning of the next. */
export const slicesOf = ({ start, end }: Window): readonly Window[] => {
  const until = addDays(start, SLICE_DAYS);
  return until >= end
    ? [{ start, end }]
    : [{ start, end: until }, ...slicesOf({ start: until, end })];
};

/** Up to when everything was dealt with, after a part: what leaves days out before it does not count. */
export const completedAfter = (
  completedUntil: LocalDate | undefined,
  { start, end }: Window,
): LocalDate =>
  completedUntil !== undefined && (start > completedUntil || end < completedUntil)
    ? completedUntil
    : end;
