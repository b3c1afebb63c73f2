import { playFactsOf } from '../../domain/stats/playFacts.js';
import { addTitle, ALL_TIME, type StatsSink, type Totals } from '../../domain/stats/totals.js';
import { countedOf, PLAY_EVENTS } from '../../domain/viewing/titlePlays.js';
import { addToRows, TableFold } from '../engine/tableFold.js';
import { TITLE_PLAYS_TABLE, TitlePlaysFold } from '../engine/titlePlaysFold.js';
import type { ProjectedEvent, Projection, ProjectionTransaction } from '../ports/projection.js';
import { tables } from './tables.js';

interface TotalsRow {
  readonly user_id: string;
  readonly period: string;
  plays: number;
  titles: number;
  minutes: number;
  minutes_estimated: number;
  undated: number;
}

interface TallyRow {
  readonly user_id: string;
  readonly period: string;
  readonly kind: string;
  readonly name: string;
  plays: number;
  minutes: number;
}

interface DayRow {
  readonly user_id: string;
  readonly local_date: string;
  plays: number;
  minutes: number;
}

interface TitleRatingRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly rating: number;
}

const RATING_EVENTS = ['TitleRated', 'RatingRemoved'] as const;
const handles = [...PLAY_EVENTS, ...RATING_EVENTS] as const;
type StatsEvent = ProjectedEvent<(typeof handles)[number]>;
type RatingEvent = ProjectedEvent<(typeof RATING_EVENTS)[number]>;
type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;

const isRating = (event: StatsEvent): event is RatingEvent =>
  event.type === 'TitleRated' || event.type === 'RatingRemoved';

const isPlay = (event: StatsEvent): event is PlayEvent => !isRating(event);

/** Sums of a page, one row for each person and thing: only what is left of them is written. */
class PageSums {
  readonly totals = new Map<string, TotalsRow>();
  readonly tallies = new Map<string, TallyRow>();
  readonly days = new Map<string, DayRow>();

  of(user_id: string): StatsSink {
    return {
      total: (period, totals) => {
        this.#total(user_id, period, totals);
      },
      tally: (period, kind, name, plays, minutes) => {
        this.tally(user_id, period, kind, name, plays, minutes);
      },
      day: (local_date, plays, minutes) => {
        const key = user_id + local_date;
        const row = this.days.get(key);
        if (!row) this.days.set(key, { user_id, local_date, plays, minutes });
        else {
          row.plays += plays;
          row.minutes += minutes;
        }
      },
    };
  }

  tally(
    user_id: string,
    period: string,
    kind: string,
    name: string,
    plays: number,
    minutes: number,
  ): void {
    const key = `${user_id}${period}|${kind}|${name}`;
    const row = this.tallies.get(key);
    if (!row) this.tallies.set(key, { user_id, period, kind, name, plays, minutes });
    else {
      row.plays += plays;
      row.minutes += minutes;
    }
  }

  async flush(tx: ProjectionTransaction): Promise<void> {
    const some = <Row extends { plays: number; minutes: number }>(rows: Map<string, Row>) =>
      [...rows.values()].filter((row) => row.plays !== 0 || row.minutes !== 0);
    await addToRows(tx, 'totals', ['user_id', 'period'], [...this.totals.values()], 'plays');
    await addToRows(
      tx,
      'tallies',
      ['user_id', 'period', 'kind', 'name'],
      some(this.tallies),
      'plays',
    );
    await addToRows(tx, 'days', ['user_id', 'local_date'], some(this.days), 'plays');
  }

  #total(user_id: string, period: string, sums: Totals): void {
    const key = user_id + period;
    const row = this.totals.get(key);
    if (!row) {
      const { plays, titles, minutes, minutesEstimated: minutes_estimated, undated } = sums;
      this.totals.set(key, { user_id, period, plays, titles, minutes, minutes_estimated, undated });
      return;
    }
    row.plays += sums.plays;
    row.titles += sums.titles;
    row.minutes += sums.minutes;
    row.minutes_estimated += sums.minutesEstimated;
    row.undated += sums.undated;
  }
}

const foldRatings = async (
  tx: ProjectionTransaction,
  events: readonly RatingEvent[],
  sums: PageSums,
): Promise<void> => {
  const rows = await TableFold.load<TitleRatingRow>(
    tx,
    'title_ratings',
    ['user_id', 'title_id'],
    events.map(({ data }) => ({ user_id: data.userId, title_id: data.titleId })),
  );
  for (const event of events) {
    const key = { user_id: event.data.userId, title_id: event.data.titleId };
    const old = rows.get(key);
    // `plays` counts ratings here, and their value stands in the name.
    const count = (rating: number, by: 1 | -1) => {
      sums.tally(key.user_id, ALL_TIME, 'rating', rating.toFixed(1), by, 0);
    };
    if (old) count(old.rating, -1);
    if (event.type === 'TitleRated') {
      count(event.data.rating, 1);
      rows.set({ ...key, rating: event.data.rating });
    } else rows.delete(key);
  }
  await rows.flush(tx);
};

/** What people's watching adds up to: all time, by year and by month, ready to read. */
export const stats: Projection<(typeof handles)[number]> = {
  name: 'stats',
  version: 1,
  handles,
  tables: `${TITLE_PLAYS_TABLE}${tables}`,
  project: async (events, tx) => {
    const sums = new PageSums();
    const plays = await TitlePlaysFold.load(tx, events.filter(isPlay), playFactsOf);
    for (const event of events) if (isPlay(event)) plays.apply(event);
    for (const { userId, before, after } of plays.changes()) {
      addTitle(countedOf(before), -1, sums.of(userId));
      addTitle(countedOf(after), 1, sums.of(userId));
    }
    await plays.flush(tx);
    await foldRatings(tx, events.filter(isRating), sums);
    await sums.flush(tx);
    return new Set(events.map(({ data }) => `stats:${data.userId}`));
  },
};
