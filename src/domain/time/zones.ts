import { Temporal } from 'temporal-polyfill';

const known = new Map<string, boolean>();

/**
 * Whether a name is an IANA time zone that this runtime knows; UTC offsets such as `+02:00` are not, nor are
 * abbreviations: `Intl` lets ICU's own `PST` pass, in which Temporal refuses to reckon.
 */
export const isZone = (name: string): boolean => {
  let answer = known.get(name);
  if (answer === undefined) {
    answer = /^[A-Za-z]/.test(name) && canReckonIn(name);
    // Bounded by what clients can make up: forget rather than grow.
    if (known.size > 2000) known.clear();
    known.set(name, answer);
  }
  return answer;
};

const canReckonIn = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    Temporal.PlainDate.from('2000-01-01').toZonedDateTime(timeZone);
    return true;
  } catch {
    return false;
  }
};
