import { monthOf, weekdayOf } from '../time/calendar.js';
import { differenceOf, type TitlePlay } from '../viewing/plays/titlePlays.js';
import type { PlayFacts, TallyKind } from './playFacts.js';

/** The period of everything, dated or not; others are `2026` and `2026-02`. */
export const ALL_TIME = 'all';

/** What one play adds to the sums of a period. */
export interface PlaySums {
  readonly plays: number;
  readonly minutes: number;
  /** The part of the minutes that rests on a fallback running time. */
  readonly minutesEstimated: number;
  /** Plays without a known date; only in the period of everything. */
  readonly undated: number;
}

/** Receives what plays add, or what is taken back: then amounts are negative. */
export interface StatsSink {
  total(period: string, sums: PlaySums): void;
  /** A title has its first play in the period, or has none any more. */
  title(period: string, by: 1 | -1): void;
  tally(period: string, kind: TallyKind, name: string, plays: number, minutes: number): void;
  day(localDate: string, plays: number, minutes: number): void;
}

type Play = TitlePlay<PlayFacts>;

/**
 * Takes the counted plays of one title from what they were to what they are. A title is counted once in every
 * period that has a play of it; every genre of a title gets all of its minutes (SEMANTICS D6). Plays that are the
 * same objects before and after are left alone.
 */
export const changeTitle = (
  before: readonly Play[],
  after: readonly Play[],
  sink: StatsSink,
): void => {
  const { gone, come } = differenceOf(before, after);
  for (const play of gone) addPlay(play, -1, sink);
  for (const play of come) addPlay(play, 1, sink);
  const [first] = after;
  // Nearly always: the first play of a title.
  if (first && after.length === 1 && before.length === 0) {
    for (const period of periodsOf(first)) sink.title(period, 1);
    return;
  }
  const had = new Set(before.flatMap(periodsOf));
  const has = new Set(after.flatMap(periodsOf));
  for (const period of has) if (!had.has(period)) sink.title(period, 1);
  for (const period of had) if (!has.has(period)) sink.title(period, -1);
};

const addPlay = (play: Play, sign: 1 | -1, sink: StatsSink): void => {
  const { date, hour, minutes, estimated, names } = play.facts;
  const sums = {
    plays: sign,
    minutes: sign * minutes,
    minutesEstimated: estimated ? sign * minutes : 0,
    undated: date === undefined ? sign : 0,
  };
  for (const period of periodsOf(play)) {
    const tally = (kind: TallyKind, name: string) => {
      sink.tally(period, kind, name, sign, sign * minutes);
    };
    sink.total(period, sums);
    let kind: keyof typeof names;
    for (kind in names) for (const name of names[kind] ?? []) tally(kind, name);
    if (date !== undefined) tally('weekday', String(weekdayOf(date)));
    if (hour !== undefined) tally('hour', String(hour));
  }
  if (date !== undefined) sink.day(date, sign, sign * minutes);
};

/** The periods that a play is in: undated plays only in that of everything. */
const periodsOf = ({ facts: { date } }: Play): readonly string[] =>
  date === undefined ? [ALL_TIME] : [ALL_TIME, date.slice(0, 4), monthOf(date)];
