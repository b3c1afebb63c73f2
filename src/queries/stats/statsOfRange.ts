import type { PlayFacts } from '../../domain/stats/playFacts.js';
import { ALL_TIME, changeTitle, type StatsSink } from '../../domain/stats/totals.js';
import { countedOf, type TitlePlay } from '../../domain/viewing/plays/titlePlays.js';
import type { ReadModels } from '../ports/readModels.js';
import { breakdowns, type PeriodSums, type TallyRow } from './statsOfPeriod.js';

/**
 * The sums of any range of days, added up when asked by the same rules that keep the sums of years and months.
 * Costs as much as the person has titles.
 */
export const rangeStats = async (
  readModels: ReadModels,
  userId: string,
  { from, to }: { readonly from: string; readonly to: string },
  limit: number,
): Promise<PeriodSums> => {
  const rows = await readModels.query<{ plays: readonly TitlePlay<PlayFacts>[] }>({
    name: 'stats.title_plays',
    text: 'select plays from {stats}.title_plays where user_id = $1',
    values: [userId],
  });
  const sums = { plays: 0, titles: 0, minutes: 0, minutesEstimated: 0 };
  const tallies = new Map<string, { -readonly [Field in keyof TallyRow]: TallyRow[Field] }>();
  const days = new Map<string, { date: string; plays: number; minutes: number }>();
  const sink: StatsSink = {
    total: (period, totals) => {
      if (period !== ALL_TIME) return;
      sums.plays += totals.plays;
      sums.minutes += totals.minutes;
      sums.minutesEstimated += totals.minutesEstimated;
    },
    title: (period, by) => {
      if (period === ALL_TIME) sums.titles += by;
    },
    tally: (period, kind, name, plays, minutes) => {
      if (period !== ALL_TIME) return;
      const key = `${kind}|${name}`;
      const row = tallies.get(key) ?? { kind, name, plays: 0, minutes: 0 };
      row.plays += plays;
      row.minutes += minutes;
      tallies.set(key, row);
    },
    day: (date, plays, minutes) => {
      const row = days.get(date) ?? { date, plays: 0, minutes: 0 };
      row.plays += plays;
      row.minutes += minutes;
      days.set(date, row);
    },
  };
  for (const { plays } of rows) {
    const inRange = countedOf(plays).filter(
      ({ facts: { date } }) => date !== undefined && from <= date && date <= to,
    );
    changeTitle([], inRange, sink);
  }
  const inOrder = [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
  const longestBinge = inOrder.reduce<(typeof inOrder)[number] | null>(
    (best, day) => (best && best.minutes >= day.minutes ? best : day),
    null,
  );
  return {
    moviesWatched: sums.titles,
    moviePlays: sums.plays,
    minutesWatched: sums.minutes,
    minutesEstimated: sums.minutesEstimated,
    ...breakdowns([...tallies.values()], limit),
    days: inOrder,
    daysComplete: true,
    longestBinge,
    firstWatched: inOrder[0]?.date ?? null,
    lastWatched: inOrder.at(-1)?.date ?? null,
  };
};
