import type { LocalDate } from '../../../domain/schemas.js';
import { dayNumber } from '../../../domain/time/calendar.js';
import { barChart, progressBar } from './bars.js';
import { beside, columnsOf, fitted, padded } from './columns.js';
import { heatmap } from './heatmap.js';
import type { Paint } from './paint.js';
import type { PersonFacts } from './personFacts.js';
import { counted, duration, span } from './wording.js';

export interface ReportOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly paint: Paint;
}

const NARROWEST = 40;
/** Longer lines are harder to read. */
const WIDEST = 120;
const GENRES = 10;
const WATCHES = 5;
const DAYS_OF_A_YEAR = 366;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** A person's stats, streaks and achievements as text for a terminal. */
export const personReport = (facts: PersonFacts, options: ReportOptions): string => {
  const { paint } = options;
  const width = Math.min(WIDEST, Math.max(NARROWEST, options.width));
  const sections = [
    heading(facts, width, paint),
    year(facts, width, paint),
    beside(
      (columns) => genres(facts, columns, paint),
      (columns) => decades(facts, columns, paint),
      width,
    ),
    beside(
      (columns) => ratings(facts, columns, paint),
      (columns) => weekdays(facts, columns, paint),
      width,
    ),
    streaks(facts, width, paint),
    achievements(facts, width, paint),
    lately(facts, width, paint),
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
};

const heading = (
  { profile, stats }: PersonFacts,
  width: number,
  paint: Paint,
): readonly string[] => {
  const name = profile.displayName ?? 'Somebody';
  const since = stats.firstWatched === null ? '' : `, watching since ${stats.firstWatched}`;
  const rewatched = stats.moviePlays - stats.moviesWatched;
  const facts = [
    counted(stats.moviesWatched, 'film'),
    counted(stats.moviePlays, 'watch', 'watches') +
      (rewatched > 0 ? ` (${rewatched} of them again)` : ''),
    `${duration(stats.minutesWatched)} in all`,
    stats.ratings.mean === null
      ? 'no ratings'
      : `${counted(stats.ratings.count, 'rating')}, ${stats.ratings.mean.toFixed(1)} on average`,
  ];
  return [
    paint.heading(fitted(`${name} (${profile.timezone}${since})`, width)),
    ...inLines(facts, width),
  ];
};

/** Joined by dots into lines of at most the width. */
const inLines = (parts: readonly string[], width: number): readonly string[] => {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : `${last} · ${part}`;
    if (last !== undefined && columnsOf(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
};

/** The last year; the last one with a watch when that is longer ago. */
const year = (
  { stats, streaks: { today } }: PersonFacts,
  width: number,
  paint: Paint,
): readonly string[] => {
  const { lastWatched: last } = stats;
  if (last === null) return [];
  const end: LocalDate = dayNumber(today) - dayNumber(last) > DAYS_OF_A_YEAR ? last : today;
  return [paint.heading(`A year of days up to ${end}`), ...heatmap(stats.days, end, width, paint)];
};

const genres = ({ stats }: PersonFacts, width: number, paint: Paint): readonly string[] =>
  barChart(
    'Genres',
    stats.genreBreakdown
      .slice(0, GENRES)
      .map(({ name, plays }) => ({ label: name, value: plays }))
      .sort((a, b) => b.value - a.value),
    width,
    paint,
  );

const decades = ({ stats }: PersonFacts, width: number, paint: Paint): readonly string[] =>
  barChart(
    'Decades',
    [...stats.decades]
      .sort((a, b) => Number(a.name) - Number(b.name))
      .map(({ name, plays }) => ({ label: `${name}s`, value: plays })),
    width,
    paint,
  );

/** Ratings rounded down to whole points, the best first. */
const ratings = ({ stats }: PersonFacts, width: number, paint: Paint): readonly string[] => {
  const counts = new Map<number, number>();
  for (const { rating, count } of stats.ratings.distribution) {
    const points = Math.floor(rating);
    counts.set(points, (counts.get(points) ?? 0) + count);
  }
  const rows = Array.from({ length: 11 }, (_, index) => 10 - index)
    .map((points) => ({ label: String(points).padStart(2), value: counts.get(points) ?? 0 }))
    .filter(({ label, value }) => value > 0 || Number(label) > 0);
  return barChart('Ratings', rows, width, paint);
};

const weekdays = ({ stats }: PersonFacts, width: number, paint: Paint): readonly string[] =>
  barChart(
    'Weekdays',
    WEEKDAYS.map((label, index) => ({ label, value: stats.weekdays[index] ?? 0 })),
    width,
    paint,
  );

const streaks = (
  { streaks: of, stats }: PersonFacts,
  width: number,
  paint: Paint,
): readonly string[] => {
  const { weekly } = of;
  const now =
    of.current > 0
      ? `${counted(of.current, 'day')} since ${of.currentStart ?? ''}` +
        (of.activeToday ? '' : ', not yet today')
      : stats.lastWatched === null
        ? 'none'
        : `none; last watched ${stats.lastWatched}`;
  /** When it was, where there is room to say so. */
  const line = (label: string, what: string, when = ''): string => {
    const text = fitted(`${padded(label, 10)}${what}`, width);
    const room = when !== '' && columnsOf(text) + 2 + columnsOf(when) <= width;
    return room ? `${text}  ${paint.faint(when)}` : text;
  };
  return [
    paint.heading('Streaks'),
    line('Now', now),
    line('Longest', counted(of.longest, 'day'), span(of.longestStart, of.longestEnd)),
    line(
      'Weeks',
      `${counted(weekly.current, 'week')} now, longest ${weekly.longest}`,
      span(weekly.longestStart, weekly.longestEnd),
    ),
  ];
};

const LONGEST_BAR = 20;
/** The marks, the gaps and `100/100`. */
const BESIDE_BAR = 12;

const achievements = (
  { achievements: of, titles }: PersonFacts,
  width: number,
  paint: Paint,
): readonly string[] => {
  const nameWidth = Math.max(0, ...of.achievements.map(({ name }) => name.length));
  const barWidth = Math.max(1, Math.min(LONGEST_BAR, width - nameWidth - BESIDE_BAR));
  const rows = of.achievements.map(({ name, progress, earned }) => {
    if (!earned) {
      const { current, target } = progress;
      const done = `${progressBar(current, target, barWidth)} ${current}/${target}`;
      return `  ${padded(name, nameWidth)}  ${paint.ink(done)}`;
    }
    const { movieId, watched } = earned.via;
    const date = watched ? dayOf(watched) : earned.at.slice(0, 10);
    const told = fitted(`${date}  ${titles.get(movieId) ?? ''}`, width - nameWidth - 4);
    return `${paint.earned('★')} ${padded(name, nameWidth)}  ${told}`.trimEnd();
  });
  const all = of.achievements.length;
  return [paint.heading(`Achievements: ${of.earned} of ${all}`), ...rows];
};

/** As wide as a date. */
const UNDATED = 'undated   ';

const dayOf = (watched: PersonFacts['watches'][number]['watched']): string =>
  watched.precision === 'unknown' ? UNDATED : watched.localDate;

const lately = (
  { watches, ratingOf }: PersonFacts,
  width: number,
  paint: Paint,
): readonly string[] => {
  if (watches.length === 0) return [];
  const rows = watches.slice(0, WATCHES).map(({ movieId, title, releaseYear, ...watch }) => {
    const rating = ratingOf.get(movieId);
    const film = releaseYear === undefined ? title : `${title} (${releaseYear})`;
    const again = (watch.rewatchNumber ?? 1) > 1 ? `, watch no. ${watch.rewatchNumber ?? ''}` : '';
    const rated = rating === undefined ? '' : `, rated ${rating}`;
    return fitted(`${dayOf(watch.watched)}  ${film}${again}${rated}`, width);
  });
  return [paint.heading('Lately'), ...rows];
};
