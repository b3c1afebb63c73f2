import { addDay, removeDay, type Runs } from '../../domain/streaks/runs.js';
import { dayNumber } from '../../domain/time/calendar.js';
import type { WatchedWhen } from '../../domain/viewing/events.js';
import {
  activeDateOf,
  countedOf,
  PLAY_EVENTS,
  type TitlePlay,
} from '../../domain/viewing/titlePlays.js';
import { table } from '../engine/table.js';
import { TITLE_PLAYS_TABLE, titlePlays } from '../engine/titlePlaysFold.js';
import type { Projection } from '../ports/projection.js';

interface PersonRow {
  readonly user_id: string;
  readonly runs: Runs;
}

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

const titles = titlePlays<DayFacts>({
  recorded: ({ watched }) => dayOf(watched),
  amended: (_, watched) => dayOf(watched),
  learnt: (facts) => facts,
});
const dayTable = table<DayRow>('days', ['user_id', 'day']);
const personTable = table<PersonRow>('people', ['user_id']);

const daysOf = (plays: readonly TitlePlay<DayFacts>[]): readonly number[] =>
  countedOf(plays).flatMap(({ facts: { day } }) => day ?? []);

/** The days on which people watched something, as runs; what is current is asked by the day. */
export const streaks: Projection<(typeof PLAY_EVENTS)[number]> = {
  name: 'streaks',
  version: 4,
  handles: PLAY_EVENTS,
  tables: `
    ${TITLE_PLAYS_TABLE}
    create table people (
      user_id uuid primary key,
      runs json not null
    );
    create table days (
      user_id uuid not null,
      -- counted from 1970-01-01
      day integer not null,
      plays integer not null,
      primary key (user_id, day)
    );
  `,
  belongsTo: ({ data }) => data.userId,
  project: async (events, tx) => {
    const plays = await titles.load(tx, events);
    for (const event of events) plays.apply(event);
    const deltas = new Map<string, { user_id: string; day: number; delta: number }>();
    const count = (user_id: string, day: number, by: number) => {
      const key = `${user_id}${day}`;
      const delta = deltas.get(key);
      if (delta) delta.delta += by;
      else deltas.set(key, { user_id, day, delta: by });
    };
    for (const { userId, before, after } of plays.changes()) {
      for (const day of daysOf(before)) count(userId, day, -1);
      for (const day of daysOf(after)) count(userId, day, 1);
    }
    const moved = [...deltas.values()].filter(({ delta }) => delta !== 0);
    const keys = moved.map(({ user_id, day }) => ({ user_id, day }));
    const days = await dayTable.load(tx, keys);
    const people = await personTable.load(tx, keys);
    for (const { user_id, day, delta } of moved) {
      const old = days.get({ user_id, day })?.plays ?? 0;
      const now = old + delta;
      if (now === 0) days.delete({ user_id, day });
      else days.set({ user_id, day, plays: now });
      if (old > 0 === now > 0) continue;
      const before = people.get({ user_id })?.runs ?? [];
      const runs = now > 0 ? addDay(before, day) : removeDay(before, day);
      // As if there had never been any, which is how it looks where they came and went in one page.
      if (runs.length === 0) people.delete({ user_id });
      else people.set({ user_id, runs });
    }
    await plays.flush(tx);
    await days.flush(tx);
    await people.flush(tx);
    return new Set(events.map(({ data }) => `streaks:${data.userId}`));
  },
};
