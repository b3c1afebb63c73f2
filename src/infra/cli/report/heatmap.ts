import type { LocalDate } from '../../../domain/schemas.js';
import {
  addDays,
  dateOf,
  dayNumber,
  mondayOf,
  monthOf,
  weekNumber,
} from '../../../domain/time/calendar.js';
import type { Paint } from './paint.js';

/** Nothing, one play, two, three, more. */
const SHADES = ['·', '░', '▒', '▓', '█'];
const LABEL = 4;
const WEEKS = 53;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const ROWS = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'];

const shadeOf = (plays: number): string => SHADES[Math.min(plays, SHADES.length - 1)] ?? '';

/** The Mondays of the weeks shown, up to that of the last day. */
const mondays = (end: LocalDate, weeks: number): readonly LocalDate[] => {
  const last = weekNumber(dayNumber(end));
  return Array.from({ length: weeks }, (_, index) => dateOf(mondayOf(last - weeks + 1 + index)));
};

/** Names of months above the first week that begins in each, where there is room for the name. */
const monthLine = (weeks: readonly LocalDate[], cell: number): string => {
  const begins = weeks
    .map((monday, index) => ({ month: monthOf(monday), column: index * cell }))
    .filter(({ month }, index) => index === 0 || month !== monthOf(weeks[index - 1] ?? ''));
  return begins.reduce((line, { month, column }, index) => {
    const end = begins[index + 1]?.column ?? weeks.length * cell + 1;
    const name = MONTHS[Number(month.slice(5)) - 1] ?? '';
    return end - column > name.length ? line.padEnd(LABEL + column) + name : line;
  }, '');
};

/**
 * A year of days up to `end`, a column a week, a row a weekday: how many plays each day had. Two columns a
 * week where the width allows it, fewer weeks where it does not allow a year.
 */
export const heatmap = (
  days: readonly { readonly date: LocalDate; readonly plays: number }[],
  end: LocalDate,
  width: number,
  paint: Paint,
): readonly string[] => {
  const room = width - LABEL;
  const cell = room >= WEEKS * 2 ? 2 : 1;
  const weeks = mondays(end, Math.min(WEEKS, Math.floor(room / cell)));
  const plays = new Map(days.map(({ date, plays: count }) => [date, count]));
  const rows = ROWS.map((label, weekday) => {
    const cells = weeks.map((monday) => {
      const date = addDays(monday, weekday);
      if (date > end) return ' ';
      const count = plays.get(date) ?? 0;
      return count === 0 ? paint.faint(shadeOf(0)) : paint.ink(shadeOf(count));
    });
    return `${label.padEnd(LABEL)}${cells.join(' '.repeat(cell - 1))}`.trimEnd();
  });
  const key = SHADES.map((shade, count) =>
    count === 0 ? paint.faint(shade) : paint.ink(shade),
  ).join(' ');
  return [monthLine(weeks, cell), ...rows, `${' '.repeat(LABEL)}none ${key} 4 or more`];
};
