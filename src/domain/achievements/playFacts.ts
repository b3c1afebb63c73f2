import type { Instant } from '../schemas.js';
import { decadeOf, yearOf } from '../time/calendar.js';
import { localHourOf } from '../time/localTime.js';
import type { MovieWatched, WatchedWhen } from '../viewing/events.js';

/** What achievements keep of one play. */
export interface AchievementFacts {
  readonly minutes: number;
  readonly genres: readonly string[];
  readonly countries: readonly string[];
  readonly directors: readonly string[];
  readonly decade?: number;
  readonly acclaimed: boolean;
  readonly year?: number;
  readonly releaseDate?: string;
  readonly bulk: boolean;
}

/** The community rating from which a film is acclaimed (SEMANTICS D5). */
const ACCLAIMED = 8.0;
/** A film older than this is from the silver screen. */
const OLD_YEARS = 80;
const NIGHT_ENDS = 5;
const EARLY_ENDS = 7;

export const achievementFactsOf = ({
  snapshot,
  batchId,
}: MovieWatched['data']): AchievementFacts => ({
  minutes: snapshot.runtimeMinutes,
  genres: canonicalGenres(snapshot.genres),
  countries: snapshot.countries,
  directors: snapshot.directors,
  acclaimed: (snapshot.voteAverage ?? 0) >= ACCLAIMED,
  ...(snapshot.releaseYear === undefined
    ? {}
    : { year: snapshot.releaseYear, decade: decadeOf(snapshot.releaseYear) }),
  ...(snapshot.releaseDate === undefined ? {} : { releaseDate: snapshot.releaseDate }),
  bulk: batchId !== undefined,
});

/** TMDb's television genres join two: `Action & Adventure` is no third genre. */
const canonicalGenres = (genres: readonly string[]): readonly string[] => [
  ...new Set(genres.flatMap((genre) => genre.split(' & '))),
];

/** Whether the play began in the small hours; only plays that know their instant, one at a time. */
export const isNightPlay = (watched: WatchedWhen, facts: AchievementFacts): boolean =>
  hourOf(watched, facts) < NIGHT_ENDS;

export const isEarlyPlay = (watched: WatchedWhen, facts: AchievementFacts): boolean => {
  const hour = hourOf(watched, facts);
  return hour >= NIGHT_ENDS && hour < EARLY_ENDS;
};

/** 24 for plays that have no hour. */
const hourOf = (watched: WatchedWhen, facts: AchievementFacts): number =>
  watched.precision === 'instant' && !facts.bulk ? localHourOf(watched.instant, watched.zone) : 24;

/** Whether the film was more than 80 years old; a play without a date is taken at its recording. */
export const isOldPlay = (
  watched: WatchedWhen,
  recordedAt: Instant,
  facts: AchievementFacts,
): boolean => {
  const date = watched.precision === 'unknown' ? recordedAt.slice(0, 10) : watched.localDate;
  if (facts.releaseDate !== undefined) {
    const birthday = `${yearOf(facts.releaseDate) + OLD_YEARS}${facts.releaseDate.slice(4)}`;
    return date > birthday;
  }
  return facts.year !== undefined && yearOf(date) - facts.year > OLD_YEARS;
};

/** Whether it was watched on the day of its release, by the person's own word. */
export const isReleaseDayPlay = (watched: WatchedWhen, facts: AchievementFacts): boolean =>
  watched.precision !== 'unknown' &&
  !(watched.precision === 'date' && watched.released === true) &&
  watched.localDate === facts.releaseDate;
