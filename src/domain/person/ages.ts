/** What is known of somebody's life; dates as providers have them, which may be a year alone or nonsense. */
export interface Life {
  readonly birthday?: string | undefined;
  readonly deathday?: string | undefined;
}

/** How old somebody was at an event; `posthumous` where they had died before, and it is the age at which they did. */
export interface AgeAtEvent {
  readonly age: number;
  readonly posthumous?: true;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Year, month and day of a date that exists; years alone and dates such as `0000-00-00` are none. */
const partsOf = (date: string | undefined): readonly [number, number, number] | undefined => {
  const found = DAY.exec(date ?? '');
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  const real = new Date(Date.UTC(year, month - 1, day));
  // Date.UTC takes years below 100 for those of the 20th century.
  const exists = year >= 100 && real.getUTCMonth() === month - 1 && real.getUTCDate() === day;
  return exists ? [year, month, day] : undefined;
};

/**
 * Completed years from a birthday to a date (SEMANTICS D10). Who was born on 29 February completes a year on 1 March
 * where there is none. `undefined` where either is no date, or the date lies before the birthday.
 */
export const yearsBetween = (
  birthday: string | undefined,
  date: string | undefined,
): number | undefined => {
  const born = partsOf(birthday);
  const then = partsOf(date);
  if (!born || !then) return undefined;
  const [birthYear, birthMonth, birthDay] = born;
  const [year, month, day] = then;
  const isBefore = month < birthMonth || (month === birthMonth && day < birthDay);
  const years = year - birthYear - (isBefore ? 1 : 0);
  return years < 0 ? undefined : years;
};

const earlier = (one: string, other: string): string => (one < other ? one : other);

/** When somebody died, where that is a date, and one that is not before their birth. */
const diedOn = ({ birthday, deathday }: Life): string | undefined =>
  yearsBetween(birthday, deathday) === undefined ? undefined : deathday;

/**
 * How old somebody was at an event, such as a film's release: never older than they became, or are today.
 * @param today a day in UTC
 */
export const ageAtEvent = (
  life: Life,
  event: string | undefined,
  today: string,
): AgeAtEvent | undefined => {
  if (event === undefined || partsOf(event) === undefined) return undefined;
  const died = diedOn(life);
  const until = died === undefined ? today : earlier(died, today);
  const age = yearsBetween(life.birthday, earlier(event, until));
  if (age === undefined) return undefined;
  return died !== undefined && event > died ? { age, posthumous: true } : { age };
};

/** How old somebody is, or became. */
export const ageNow = (
  life: Life,
  today: string,
): { readonly currentAge: number | null; readonly ageAtDeath: number | null } => {
  const died = diedOn(life);
  return {
    currentAge: died === undefined ? (yearsBetween(life.birthday, today) ?? null) : null,
    ageAtDeath: died === undefined ? null : (yearsBetween(life.birthday, died) ?? null),
  };
};
