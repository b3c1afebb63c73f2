import { playFactsOf, type PlayFacts } from '../../domain/stats/playFacts.js';
import { addTitle, ALL_TIME, type StatsSink, type Totals } from '../../domain/stats/totals.js';
import { countedOf, PLAY_EVENTS } from '../../domain/viewing/titlePlays.js';
import { table } from '../engine/table.js';
import { TITLE_PLAYS_TABLE, titlePlays, type TitlePlaysFold } from '../engine/titlePlaysFold.js';
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

const totalsTable = table<TotalsRow>('totals', ['user_id', 'period']);
const talliesTable = table<TallyRow>('tallies', ['user_id', 'period', 'kind', 'name']);
const daysTable = table<DayRow>('days', ['user_id', 'local_date']);
const plays = titlePlays<PlayFacts, number>(playFactsOf);

const RATING_EVENTS = ['TitleRated', 'RatingRemoved'] as const;
const handles = [...PLAY_EVENTS, ...RATING_EVENTS] as const;
type StatsEvent = ProjectedEvent<(typeof handles)[number]>;
type RatingEvent = ProjectedEvent<(typeof RATING_EVENTS)[number]>;
type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;

/** A title's plays, and the rating it has. */
type Titles = TitlePlaysFold<PlayFacts, number>;

const isPlay = (event: StatsEvent): event is PlayEvent =>
  (PLAY_EVENTS as readonly string[]).includes(event.type);

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
    await totalsTable.add(tx, [...this.totals.values()], 'plays');
    await talliesTable.add(tx, some(this.tallies), 'plays');
    await daysTable.add(tx, some(this.days), 'plays');
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

/** `plays` counts ratings here, and their value stands in the name. */
const foldRating = (event: RatingEvent, titles: Titles, sums: PageSums): void => {
  const count = (rating: number, by: 1 | -1) => {
    sums.tally(event.data.userId, ALL_TIME, 'rating', rating.toFixed(1), by, 0);
  };
  const old = titles.opinionOf(event.data);
  if (old !== null) count(old, -1);
  if (event.type === 'TitleRated') count(event.data.rating, 1);
  titles.setOpinion(event.data, event.type === 'TitleRated' ? event.data.rating : null);
};

/** What people's watching adds up to: all time, by year and by month, ready to read. */
export const stats: Projection<(typeof handles)[number]> = {
  name: 'stats',
  version: 2,
  handles,
  tables: `${TITLE_PLAYS_TABLE}${tables}`,
  project: async (events, tx) => {
    const sums = new PageSums();
    const titles: Titles = await plays.load(tx, events);
    for (const event of events) {
      if (isPlay(event)) titles.apply(event);
      else foldRating(event, titles, sums);
    }
    for (const { userId, before, after } of titles.changes()) {
      addTitle(countedOf(before), -1, sums.of(userId));
      addTitle(countedOf(after), 1, sums.of(userId));
    }
    await titles.flush(tx);
    await sums.flush(tx);
    return new Set(events.map(({ data }) => `stats:${data.userId}`));
  },
};
