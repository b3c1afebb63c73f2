import type { LocalDate } from '../schemas.js';
import { addDays } from '../time/calendar.js';

/** Films that were released since a day, or will be, are looked up again after so many days. */
export interface RefreshRule {
  readonly releasedSince: LocalDate;
  readonly everyDays: number;
}

const NEW_DAYS = 90;
const RECENT_DAYS = 3 * 365;
/** Films that are neither, and those of which it is not known when they were released. */
const OLD_EVERY_DAYS = 30;
/** No film is older. */
const EVER = '0001-01-01';

/** How often films are looked up again: those that are new daily, those of the last years weekly, old ones monthly. */
export const refreshRules = (today: LocalDate): readonly RefreshRule[] => [
  { releasedSince: addDays(today, -NEW_DAYS), everyDays: 1 },
  { releasedSince: addDays(today, -RECENT_DAYS), everyDays: 7 },
  { releasedSince: EVER, everyDays: OLD_EVERY_DAYS },
];
