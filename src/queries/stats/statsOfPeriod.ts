import type { ReadModels } from '../ports/readModels.js';
import { HEATMAP_DAYS, type StatsAnswer } from './statsAnswer.js';

/** The part of the answer that depends on the period. */
export type PeriodSums = Omit<StatsAnswer, 'period' | 'ratings'>;

export interface TallyRow {
  readonly kind: string;
  readonly name: string;
  readonly plays: number;
  readonly minutes: number;
}

interface TotalsRow {
  readonly period: string;
  readonly plays: number;
  readonly titles: number;
  readonly minutes: number;
  readonly minutes_estimated: number;
  readonly undated: number;
}

interface DayRow {
  readonly date: string;
  readonly plays: number;
  readonly minutes: number;
}

/** Many days, column by column and divided by commas; null where there are none. */
interface DayColumns {
  readonly dates: string | null;
  readonly plays: string | null;
  readonly minutes: string | null;
}

/** How many calendar months the monthly activity goes back, this one included. */
const MONTHS = 24;
/** More than there are decades from 1870 to 2200. */
const DECADES = 40;

/**
 * Reads the sums of a period: a bounded number of rows, however long the history. All of it in one statement
 * for each kind of row, by primary keys and `tallies_by_minutes`.
 */
export const periodStats = async (
  readModels: ReadModels,
  userId: string,
  period: string,
  today: string,
  limit: number,
): Promise<PeriodSums> => {
  const isAll = period === 'all';
  const months = isAll ? monthsUntil(today) : [];
  const [totals, tallies, [days], [edges]] = await Promise.all([
    readModels.query<TotalsRow>({
      name: 'stats.totals',
      text: `select period, plays, titles, minutes, minutes_estimated, undated from {stats}.totals
             where user_id = $1 and period = any($2)`,
      values: [userId, [period, ...months]],
    }),
    readModels.query<TallyRow>({
      name: 'stats.tallies',
      // The best of each kind; weekdays and hours whole.
      text: `select t.* from unnest($3::text[], $4::int[]) k (kind, most)
             cross join lateral (
               select kind, name, plays, minutes from {stats}.tallies
               where user_id = $1 and period = $2 and kind = k.kind
               order by minutes desc, name collate "C" limit k.most
             ) t`,
      values: [userId, period, KINDS, KINDS.map((kind) => mostOf(kind, limit))],
    }),
    readModels.query<DayColumns>({
      name: isAll ? 'stats.days' : 'stats.days_of_period',
      // Column by column: to read a row for each day took the driver longer than PostgreSQL to find them all.
      text: `select string_agg(local_date::text, ',') as dates, string_agg(plays::text, ',') as plays,
                    string_agg(minutes::text, ',') as minutes
             from (select local_date, plays, minutes from {stats}.days
                   where user_id = $1 ${isAll ? '' : 'and local_date between $3::date and $4::date'}
                   order by local_date desc limit $2) newest`,
      values: [userId, HEATMAP_DAYS + 1, ...(isAll ? [] : boundsOf(period))],
    }),
    readModels.query<{ first: string | null; last: string | null; binge: DayRow | null }>({
      name: isAll ? 'stats.edges' : 'stats.edges_of_period',
      // By the primary key's ends and days_by_minutes.
      text: isAll
        ? `select (select min(local_date) from {stats}.days where user_id = $1) as first,
                  (select max(local_date) from {stats}.days where user_id = $1) as last,
                  (select json_build_object('date', local_date, 'plays', plays, 'minutes', minutes)
                   from {stats}.days where user_id = $1
                   order by minutes desc, local_date limit 1) as binge`
        : `select min(local_date) as first, max(local_date) as last,
                  (array_agg(json_build_object('date', local_date, 'plays', plays, 'minutes', minutes)
                             order by minutes desc, local_date))[1] as binge
           from {stats}.days where user_id = $1 and local_date between $2::date and $3::date`,
      values: [userId, ...(isAll ? [] : boundsOf(period))],
    }),
  ]);
  const newest = days ? daysOf(days) : [];
  const own = totals.find((row) => row.period === period);
  return {
    moviesWatched: own?.titles ?? 0,
    moviePlays: own?.plays ?? 0,
    minutesWatched: own?.minutes ?? 0,
    minutesEstimated: own?.minutes_estimated ?? 0,
    ...(isAll ? { undatedPlays: own?.undated ?? 0 } : {}),
    ...breakdowns(tallies, limit),
    ...(isAll ? { monthlyActivity: months.map((month) => activityOf(month, totals)) } : {}),
    days: newest.slice(0, HEATMAP_DAYS).reverse(),
    daysComplete: newest.length <= HEATMAP_DAYS,
    longestBinge: edges?.binge ?? null,
    firstWatched: edges?.first ?? null,
    lastWatched: edges?.last ?? null,
  };
};

const KINDS = [
  'genre',
  'decade',
  'country',
  'language',
  'director',
  'actor',
  'studio',
  'weekday',
  'hour',
] as const;
type Kind = (typeof KINDS)[number];

const mostOf = (kind: Kind, limit: number): number => {
  if (kind === 'decade') return DECADES;
  return kind === 'weekday' || kind === 'hour' ? 24 : limit;
};

/** Tallies as the answer has them: most minutes first, ties by name. */
export const breakdowns = (rows: readonly TallyRow[], limit: number) => {
  const of = (kind: Kind) =>
    rows
      .filter((row) => row.kind === kind)
      .sort((a, b) => b.minutes - a.minutes || (a.name < b.name ? -1 : 1))
      .slice(0, mostOf(kind, limit))
      .map(({ name, plays, minutes }) => ({ name, plays, minutes }));
  const slots = (kind: Kind, length: number, first: number) =>
    Array.from(
      { length },
      (_, n) => rows.find((row) => row.kind === kind && row.name === String(n + first))?.plays ?? 0,
    );
  return {
    genreBreakdown: of('genre'),
    decades: of('decade').sort((a, b) => (a.name < b.name ? -1 : 1)),
    countries: of('country'),
    languages: of('language'),
    directors: of('director'),
    actors: of('actor'),
    studios: of('studio'),
    weekdays: slots('weekday', 7, 1),
    hours: slots('hour', 24, 0),
  };
};

const activityOf = (month: string, totals: readonly TotalsRow[]) => {
  const row = totals.find(({ period }) => period === month);
  return {
    month,
    movies: row?.titles ?? 0,
    plays: row?.plays ?? 0,
    minutes: row?.minutes ?? 0,
  };
};

const daysOf = ({ dates, plays, minutes }: DayColumns): DayRow[] => {
  const listed = (column: string | null) => (column === null ? [] : column.split(','));
  const [playsOf, minutesOf] = [listed(plays), listed(minutes)];
  return listed(dates).map((date, nth) => ({
    date,
    plays: Number(playsOf[nth]),
    minutes: Number(minutesOf[nth]),
  }));
};

/** The last 24 calendar months up to today's, oldest first. */
const monthsUntil = (today: string): readonly string[] => {
  const last = Number(today.slice(0, 4)) * 12 + Number(today.slice(5, 7)) - 1;
  return Array.from({ length: MONTHS }, (_, n) => {
    const month = last - (MONTHS - 1) + n;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
  });
};

/** The first and last day of a year or a month. */
const boundsOf = (period: string): readonly [string, string] => {
  if (period.length === 4) return [`${period}-01-01`, `${period}-12-31`];
  const days = new Date(
    Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5)), 0),
  ).getUTCDate();
  return [`${period}-01`, `${period}-${days}`];
};
