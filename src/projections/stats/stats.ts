import { playFacts, type PlayFacts } from '../../domain/stats/playFacts.js';
import { ALL_TIME, changeTitle, type PlaySums, type StatsSink } from '../../domain/stats/totals.js';
import { VIEWING_STREAMS } from '../../domain/streams.js';
import {
  countedOf,
  PLAY_EVENTS,
  playsAfter,
  type TitlePlay,
} from '../../domain/viewing/plays/titlePlays.js';
import { streamProjection, streamTable, type Sums } from '../engine/tables/streamProjection.js';
import { table, writeSums } from '../engine/tables/table.js';
import type { ProjectedEvent, ProjectionTransaction, RowWriter } from '../ports/projection.js';
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

/** The plays of a title that count: what is asked for any range of days is added up from them. */
interface TitleRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly plays: readonly TitlePlay<PlayFacts>[];
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
const titlesTable = table<TitleRow>('title_plays', ['user_id', 'title_id']);

const RATING_EVENTS = ['TitleRated', 'RatingRemoved'] as const;
const handles = [...PLAY_EVENTS, ...RATING_EVENTS] as const;
type StatsEvent = ProjectedEvent<(typeof handles)[number]>;
type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;

/** A title's plays, and the rating it has. */
interface Title {
  readonly userId: string;
  readonly titleId: string;
  readonly plays: readonly TitlePlay<PlayFacts>[];
  readonly rating: number | undefined;
}

const isPlay = (event: StatsEvent): event is PlayEvent =>
  (PLAY_EVENTS as readonly string[]).includes(event.type);

interface PeriodSums {
  readonly totals: TotalsRow;
  readonly tallies: Map<string, Map<string, TallyRow>>;
}

/** What some titles of a person come to, one row for each thing. */
class PersonSums implements StatsSink {
  readonly #userId: string;
  readonly #periods = new Map<string, PeriodSums>();
  readonly #days = new Map<string, DayRow>();

  constructor(userId: string) {
    this.#userId = userId;
  }

  total(period: string, sums: PlaySums): void {
    const { totals } = this.#of(period);
    totals.plays += sums.plays;
    totals.minutes += sums.minutes;
    totals.minutes_estimated += sums.minutesEstimated;
    totals.undated += sums.undated;
  }

  title(period: string, by: 1 | -1): void {
    this.#of(period).totals.titles += by;
  }

  tally(period: string, kind: string, name: string, plays: number, minutes: number): void {
    const { tallies } = this.#of(period);
    let names = tallies.get(kind);
    if (!names) {
      names = new Map<string, TallyRow>();
      tallies.set(kind, names);
    }
    const row = names.get(name);
    if (!row) names.set(name, { user_id: this.#userId, period, kind, name, plays, minutes });
    else {
      row.plays += plays;
      row.minutes += minutes;
    }
  }

  day(local_date: string, plays: number, minutes: number): void {
    const row = this.#days.get(local_date);
    if (!row) this.#days.set(local_date, { user_id: this.#userId, local_date, plays, minutes });
    else {
      row.plays += plays;
      row.minutes += minutes;
    }
  }

  get totals(): TotalsRow[] {
    return [...this.#periods.values()].map(({ totals }) => totals);
  }

  get tallies(): TallyRow[] {
    return [...this.#periods.values()].flatMap(({ tallies }) =>
      [...tallies.values()].flatMap((names) => [...names.values()]),
    );
  }

  get days(): DayRow[] {
    return [...this.#days.values()];
  }

  #of(period: string): PeriodSums {
    let sums = this.#periods.get(period);
    if (!sums) {
      const zeros = { plays: 0, titles: 0, minutes: 0, minutes_estimated: 0, undated: 0 };
      const totals = { user_id: this.#userId, period, ...zeros };
      sums = { totals, tallies: new Map() };
      this.#periods.set(period, sums);
    }
    return sums;
  }
}

/** What people's titles come to. */
class StatsSums implements Sums<{ readonly userId: string }, Title | undefined> {
  readonly #people = new Map<string, PersonSums>();

  change(
    { userId }: { readonly userId: string },
    before: Title | undefined,
    after: Title | undefined,
  ): void {
    const sums = this.#of(userId);
    changeTitle(countedOf(before?.plays ?? []), countedOf(after?.plays ?? []), sums);
    // `plays` counts ratings here, and their value stands in the name.
    const count = (rating: number, by: 1 | -1) => {
      sums.tally(ALL_TIME, 'rating', rating.toFixed(1), by, 0);
    };
    if (before?.rating !== undefined) count(before.rating, -1);
    if (after?.rating !== undefined) count(after.rating, 1);
  }

  async add(tx: ProjectionTransaction): Promise<void> {
    const people = [...this.#people.values()];
    await totalsTable.add(
      tx,
      people.flatMap(({ totals }) => totals),
      'plays',
    );
    await talliesTable.add(
      tx,
      people.flatMap(({ tallies }) => tallies),
      'plays',
    );
    await daysTable.add(
      tx,
      people.flatMap(({ days }) => days),
      'plays',
    );
  }

  write(rows: RowWriter): void {
    for (const { totals, tallies, days } of this.#people.values()) {
      writeSums(rows, totalsTable, totals);
      writeSums(rows, talliesTable, tallies);
      writeSums(rows, daysTable, days);
    }
  }

  #of(userId: string): PersonSums {
    let sums = this.#people.get(userId);
    if (!sums) this.#people.set(userId, (sums = new PersonSums(userId)));
    return sums;
  }
}

const titleAfter = (before: Title | undefined, event: StatsEvent): Title => {
  const { userId, titleId } = event.data;
  const { plays, rating } = before ?? { plays: [], rating: undefined };
  return {
    userId,
    titleId,
    plays: isPlay(event) ? playsAfter(plays, event, playFacts) : plays,
    rating: ratingAfter(rating, event),
  };
};

const ratingAfter = (before: number | undefined, event: StatsEvent): number | undefined => {
  switch (event.type) {
    case 'TitleRated':
      return event.data.rating;
    case 'RatingRemoved':
    case 'ViewingMoved':
      return undefined;
    default:
      return before;
  }
};

const rowsOf = (title: Title | undefined): readonly TitleRow[] => {
  const plays = countedOf(title?.plays ?? []);
  return title && plays.length > 0
    ? [{ user_id: title.userId, title_id: title.titleId, plays }]
    : [];
};

/** What people's watching adds up to: all time, by year and by month, ready to read. */
export const stats = streamProjection<(typeof handles)[number], Title | undefined>({
  name: 'stats',
  version: 6,
  handles,
  prefixes: [VIEWING_STREAMS],
  tables,
  initialState: undefined,
  evolve: titleAfter,
  rows: [streamTable(titlesTable, rowsOf)],
  sums: { begin: () => new StatsSums() },
  changedBy: ({ data }) => [`stats:${data.userId}`],
});
