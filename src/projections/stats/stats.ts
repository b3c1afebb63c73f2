import { playFacts, type PlayFacts } from '../../domain/stats/playFacts.js';
import { ALL_TIME, changeTitle, type PlaySums, type StatsSink } from '../../domain/stats/totals.js';
import { countedOf, PLAY_EVENTS } from '../../domain/viewing/titlePlays.js';
import { table } from '../engine/table.js';
import { TITLE_PLAYS_TABLE, titlePlays, type TitlePlaysFold } from '../engine/titlePlaysFold.js';
import type { ProjectedEvent, Projection, ProjectionTransaction } from '../ports/projection.js';
import { wantedOf, type WantedRows } from '../ports/wantedRows.js';
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
const plays = titlePlays<PlayFacts, number>(playFacts);

const RATING_EVENTS = ['TitleRated', 'RatingRemoved'] as const;
const handles = [...PLAY_EVENTS, ...RATING_EVENTS] as const;
type StatsEvent = ProjectedEvent<(typeof handles)[number]>;
type RatingEvent = ProjectedEvent<(typeof RATING_EVENTS)[number]>;
type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;

/** A title's plays, and the rating it has. */
type Titles = TitlePlaysFold<PlayFacts, number>;

const isPlay = (event: StatsEvent): event is PlayEvent =>
  (PLAY_EVENTS as readonly string[]).includes(event.type);

interface PeriodSums {
  readonly totals: TotalsRow;
  /** Absent where nobody asks for them: they are most of the work. */
  readonly tallies?: Map<string, Map<string, TallyRow>>;
}

/** One person's sums of a page, one row for each thing. */
class PersonSums implements StatsSink {
  readonly #userId: string;
  readonly #hasTallies: ((period: { readonly period: string }) => boolean) | undefined;
  readonly #periods = new Map<string, PeriodSums>();
  readonly #days = new Map<string, DayRow>();

  constructor(userId: string, wanted: WantedRows | undefined) {
    this.#userId = userId;
    this.#hasTallies = wantedOf(wanted, 'tallies');
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
    if (!tallies) return;
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
      [...(tallies?.values() ?? [])].flatMap((names) => [...names.values()]),
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
      const hasTallies = this.#hasTallies?.({ period }) ?? true;
      sums = hasTallies ? { totals, tallies: new Map() } : { totals };
      this.#periods.set(period, sums);
    }
    return sums;
  }
}

/** What a page of events adds up to, by person. */
class PageSums {
  readonly #people = new Map<string, PersonSums>();
  readonly #wanted: WantedRows | undefined;

  constructor(wanted: WantedRows | undefined) {
    this.#wanted = wanted;
  }

  of(userId: string): PersonSums {
    let sums = this.#people.get(userId);
    if (!sums) this.#people.set(userId, (sums = new PersonSums(userId, this.#wanted)));
    return sums;
  }

  async flush(tx: ProjectionTransaction): Promise<void> {
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
}

/** `plays` counts ratings here, and their value stands in the name. */
const foldRating = (
  event: RatingEvent | ProjectedEvent<'ViewingMoved'>,
  titles: Titles,
  sums: PageSums,
): void => {
  const count = (rating: number, by: 1 | -1) => {
    sums.of(event.data.userId).tally(ALL_TIME, 'rating', rating.toFixed(1), by, 0);
  };
  const old = titles.opinionOf(event.data);
  if (old !== null) count(old, -1);
  if (event.type === 'TitleRated') count(event.data.rating, 1);
  titles.setOpinion(event.data, event.type === 'TitleRated' ? event.data.rating : null);
};

/** What people's watching adds up to: all time, by year and by month, ready to read. */
export const stats: Projection<(typeof handles)[number]> = {
  name: 'stats',
  version: 5,
  handles,
  tables: `${TITLE_PLAYS_TABLE}${tables}`,
  belongsTo: ({ data }) => data.userId,
  project: async (events, tx) => {
    const sums = new PageSums(tx.memory?.wanted);
    const titles: Titles = await plays.load(tx, events);
    for (const event of events) {
      if (isPlay(event)) titles.apply(event);
      if (!isPlay(event) || event.type === 'ViewingMoved') foldRating(event, titles, sums);
    }
    for (const { userId, before, after } of titles.changes()) {
      changeTitle(countedOf(before), countedOf(after), sums.of(userId));
    }
    await titles.flush(tx);
    await sums.flush(tx);
    return new Set(events.map(({ data }) => `stats:${data.userId}`));
  },
};
