import type { LocalDate } from '../schemas.js';

/**
 * Arithmetic on days of a calendar. Days are counted since 1970-01-01, with no zone in it: a day here is
 * never 24 hours of anybody's clock.
 */
export type DayNumber = number;

const MS_PER_COUNTED_DAY = 86_400_000;

export const dayNumber = (date: LocalDate): DayNumber =>
  Math.round(Date.parse(`${date}T00:00:00.000Z`) / MS_PER_COUNTED_DAY);

export const dateOf = (day: DayNumber): LocalDate =>
  new Date(day * MS_PER_COUNTED_DAY).toISOString().slice(0, 10);

/** Whether a text is a day that there is: `2026-02-29` is none. */
export const isDate = (text: string): boolean =>
  /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(dayNumber(text)) &&
  dateOf(dayNumber(text)) === text;

export const addDays = (date: LocalDate, days: number): LocalDate => dateOf(dayNumber(date) + days);

/** ISO 8601 weekday: 1 is Monday, 7 is Sunday. */
export const weekdayOf = (date: LocalDate): number => weekdayOfDay(dayNumber(date));

/** 1970-01-01 was a Thursday. */
export const weekdayOfDay = (day: DayNumber): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** The Monday of a day's ISO week, as a count of weeks. */
export const weekNumber = (day: DayNumber): number => Math.floor((day + 3) / 7);

/** The Monday that begins a counted week. */
export const mondayOf = (week: number): DayNumber => week * 7 - 3;

/** `2026-02` of `2026-02-06`. */
export const monthOf = (date: LocalDate): string => date.slice(0, 7);

export const yearOf = (date: LocalDate): number => Number(date.slice(0, 4));

/** The first year of a year's decade. */
export const decadeOf = (year: number): number => Math.floor(year / 10) * 10;
