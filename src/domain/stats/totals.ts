import { decadeOf, monthOf, weekdayOf } from '../time/calendar.js';
import { localHourOf } from '../time/localTime.js';
import type { TitlePlay } from '../viewing/titlePlays.js';
import type { PlayFacts } from './playFacts.js';

/** The period of everything, dated or not; others are `2026` and `2026-02`. */
export const ALL_TIME = 'all';

/** What a group of plays adds up to. */
export interface Totals {
  readonly plays: number;
  /** Distinct titles. */
  readonly titles: number;
  readonly minutes: number;
  /** The part of the minutes that rests on a fallback running time. */
  readonly minutesEstimated: number;
  /** Plays without a known date; only in the period of everything. */
  readonly undated: number;
}

/** What plays are tallied by. */
export type TallyKind =
  | 'genre'
  | 'decade'
  | 'country'
  | 'language'
  | 'director'
  | 'actor'
  | 'studio'
  | 'weekday'
  | 'hour';

/** Receives what plays add; `sign` is −1 to take it back. */
export interface StatsSink {
  total(period: string, totals: Totals): void;
  tally(period: string, kind: TallyKind, name: string, plays: number, minutes: number): void;
  day(localDate: string, plays: number, minutes: number): void;
}

type Play = TitlePlay<PlayFacts>;

/**
 * Adds (or takes back) the counted plays of one title. A title is counted once in every period that has a play
 * of it; every genre of a title gets all of its minutes (SEMANTICS D6).
 */
export const addTitle = (plays: readonly Play[], sign: 1 | -1, sink: StatsSink): void => {
  const seen = new Set<string>();
  for (const play of plays) {
    const { minutes, estimated } = play.facts;
    const names = namesOf(play);
    for (const period of periodsOf(play)) {
      const isFirst = !seen.has(period);
      seen.add(period);
      sink.total(period, {
        plays: sign,
        titles: isFirst ? sign : 0,
        minutes: sign * minutes,
        minutesEstimated: estimated ? sign * minutes : 0,
        undated: play.watched.precision === 'unknown' ? sign : 0,
      });
      for (const [kind, name] of names) sink.tally(period, kind, name, sign, sign * minutes);
    }
    if (play.watched.precision !== 'unknown') {
      sink.day(play.watched.localDate, sign, sign * minutes);
    }
  }
};

/** The periods that a play is in: undated plays only in that of everything. */
const periodsOf = ({ watched }: Play): readonly string[] =>
  watched.precision === 'unknown'
    ? [ALL_TIME]
    : [ALL_TIME, watched.localDate.slice(0, 4), monthOf(watched.localDate)];

/** What a play is counted under, of each kind: the same in every period. */
const namesOf = ({ facts, watched }: Play): readonly (readonly [TallyKind, string])[] => {
  const names: (readonly [TallyKind, string])[] = [];
  const each = (kind: TallyKind, some: readonly string[]) => {
    for (const name of some) names.push([kind, name]);
  };
  each('genre', facts.genres);
  each('country', facts.countries);
  each('director', facts.directors);
  each('actor', facts.actors);
  each('studio', facts.studios);
  if (facts.year !== undefined) names.push(['decade', String(decadeOf(facts.year))]);
  if (facts.language !== undefined) names.push(['language', facts.language]);
  if (watched.precision !== 'unknown') {
    names.push(['weekday', String(weekdayOf(watched.localDate))]);
  }
  if (watched.precision === 'instant') {
    names.push(['hour', String(localHourOf(watched.instant, watched.zone))]);
  }
  return names;
};
