import type { WatchedWhen } from '../../domain/viewing/events.js';
import { dayNumber } from '../../domain/time/calendar.js';
import {
  activeDateOf,
  countedOf,
  PLAY_EVENTS,
  playsAfter,
  type TitlePlay,
} from '../../domain/viewing/plays/titlePlays.js';
import { VIEWING_STREAMS } from '../../domain/streams.js';
import { streamProjection, type Sums } from '../engine/tables/streamProjection.js';
import { table, writeSums } from '../engine/tables/table.js';
import type { ProjectionTransaction, RowWriter } from '../ports/projection.js';

interface DayRow {
  readonly user_id: string;
  readonly day: number;
  /** Counted plays on the day. */
  readonly plays: number;
}

/** What streaks keep of one play: its day, where that is known and counts. */
interface DayFacts {
  /** Counted from 1970-01-01. */
  readonly day?: number;
}

const dayOf = (watched: WatchedWhen): DayFacts => {
  const date = activeDateOf(watched);
  return date === undefined ? {} : { day: dayNumber(date) };
};

type Plays = readonly TitlePlay<DayFacts>[];

const dayTable = table<DayRow>('days', ['user_id', 'day']);

const daysOf = (plays: Plays): readonly number[] =>
  countedOf(plays).flatMap(({ facts: { day } }) => day ?? []);

/** How many counted plays people have on each day. */
class Days implements Sums<{ readonly userId: string }, Plays> {
  readonly #people = new Map<string, Map<number, number>>();

  change({ userId }: { readonly userId: string }, before: Plays, after: Plays): void {
    for (const day of daysOf(before)) this.#count(userId, day, -1);
    for (const day of daysOf(after)) this.#count(userId, day, 1);
  }

  add(tx: ProjectionTransaction): Promise<void> {
    return dayTable.add(tx, this.#rows, 'plays');
  }

  write(rows: RowWriter): void {
    writeSums(rows, dayTable, this.#rows);
  }

  get #rows(): readonly DayRow[] {
    return [...this.#people].flatMap(([user_id, days]) =>
      [...days].map(([day, plays]) => ({ user_id, day, plays })),
    );
  }

  #count(userId: string, day: number, by: 1 | -1): void {
    let days = this.#people.get(userId);
    if (!days) this.#people.set(userId, (days = new Map<number, number>()));
    days.set(day, (days.get(day) ?? 0) + by);
  }
}

/** The days on which people watched something; streaks are made of them when they are asked for. */
export const streaks = streamProjection<(typeof PLAY_EVENTS)[number], Plays>({
  name: 'streaks',
  version: 5,
  handles: PLAY_EVENTS,
  prefixes: [VIEWING_STREAMS],
  tables: `
    create table days (
      user_id uuid not null,
      -- counted from 1970-01-01
      day integer not null,
      plays integer not null,
      primary key (user_id, day)
    );
  `,
  initialState: [],
  evolve: (plays, event) =>
    playsAfter(plays, event, {
      recorded: ({ watched }) => dayOf(watched),
      amended: (_, watched) => dayOf(watched),
      learnt: (facts) => facts,
    }),
  sums: { begin: () => new Days() },
  changedBy: ({ data }) => [`streaks:${data.userId}`],
});
