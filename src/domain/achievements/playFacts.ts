import { genreNames } from '../movie/genres.js';
import { decadeOf, yearOf } from '../time/calendar.js';
import { localDateOf, localHourOf } from '../time/localTime.js';
import type { TitleSnapshot, WatchedWhen } from '../viewing/events.js';
import type { PlayReading } from '../viewing/plays/titlePlays.js';

/** What of the title achievements count by; a kind that has no names is not there. */
export type CountedNames = Partial<
  Record<'genre' | 'country' | 'decade' | 'director', readonly string[]>
>;

/** What achievements keep of one play. */
export interface AchievementFacts {
  readonly watched: WatchedWhen;
  readonly recordedAt: Date;
  readonly minutes: number;
  /** The minutes rest on a fallback running time. */
  readonly estimated?: true;
  readonly names: CountedNames;
  /** Absent while the community rating is not known. */
  readonly acclaimed?: boolean;
  readonly year?: number;
  readonly releaseDate?: string;
  /** One of many that were recorded at once. */
  readonly bulk?: true;
}

/** The community rating from which a film is acclaimed (SEMANTICS D5). */
const ACCLAIMED = 8.0;
/** A film older than this is from the silver screen. */
const OLD_YEARS = 80;
const NIGHT_ENDS = 5;
const EARLY_ENDS = 7;

export const achievementFacts: PlayReading<AchievementFacts> = {
  recorded: ({ snapshot, batchId, watched }, recordedAt) => ({
    watched,
    recordedAt,
    minutes: snapshot.runtimeMinutes,
    ...(snapshot.runtimeEstimated ? { estimated: true } : {}),
    names: namesOf(snapshot),
    ...titleFactsOf(snapshot),
    ...(batchId === undefined ? {} : { bulk: true }),
  }),
  amended: (facts, watched) => ({ ...facts, watched }),
  learnt: (facts, title) => {
    const { estimated, ...told } = facts;
    return {
      ...titleFactsOf(title),
      ...(estimated === true && !title.runtimeEstimated
        ? { ...told, minutes: title.runtimeMinutes }
        : facts),
      names: { ...namesOf(title), ...facts.names },
    };
  },
};

const titleFactsOf = (
  title: TitleSnapshot,
): Pick<AchievementFacts, 'acclaimed' | 'year' | 'releaseDate'> => ({
  ...(title.voteAverage === undefined ? {} : { acclaimed: title.voteAverage >= ACCLAIMED }),
  ...(title.releaseYear === undefined ? {} : { year: title.releaseYear }),
  ...(title.releaseDate === undefined ? {} : { releaseDate: title.releaseDate }),
});

/** Property by property: an object that is spread from parts takes three times the memory. */
const namesOf = (title: TitleSnapshot): CountedNames => {
  const names: { -readonly [Kind in keyof CountedNames]: CountedNames[Kind] } = {};
  if (title.genres.length > 0) names.genre = singleGenres(title.genres);
  if (title.countries.length > 0) names.country = title.countries;
  if (title.releaseYear !== undefined) names.decade = [String(decadeOf(title.releaseYear))];
  if (title.directors.length > 0) names.director = title.directors;
  return names;
};

/** TMDb's television genres join two: `Action & Adventure` is no third genre. */
const singleGenres = (genres: readonly string[]): readonly string[] =>
  genreNames(genreNames(genres).flatMap((genre) => genre.split(' & ')));

/** Whether the play began in the small hours; only plays that know their instant, one at a time. */
export const isNightPlay = (facts: AchievementFacts): boolean => hourOf(facts) < NIGHT_ENDS;

export const isEarlyPlay = (facts: AchievementFacts): boolean => {
  const hour = hourOf(facts);
  return hour >= NIGHT_ENDS && hour < EARLY_ENDS;
};

/** 24 for plays that have no hour. */
const hourOf = ({ watched, bulk }: AchievementFacts): number =>
  watched.precision === 'instant' && !bulk ? localHourOf(watched.instant, watched.zone) : 24;

/** Whether the film was more than 80 years old; a play without a date is taken at its recording. */
export const isOldPlay = ({
  watched,
  recordedAt,
  releaseDate,
  year,
}: AchievementFacts): boolean => {
  const date =
    watched.precision === 'unknown' ? recordedAt.toISOString().slice(0, 10) : watched.localDate;
  if (releaseDate !== undefined) {
    const birthday = `${yearOf(releaseDate) + OLD_YEARS}${releaseDate.slice(4)}`;
    return date > birthday;
  }
  return year !== undefined && yearOf(date) - year > OLD_YEARS;
};

/** The day in the calendar, by which films come out: a person's own day may outlast it. */
const calendarDateOf = (watched: Exclude<WatchedWhen, { precision: 'unknown' }>): string =>
  watched.precision === 'instant' ? localDateOf(watched.instant, watched.zone) : watched.localDate;

/** Whether it was watched on the day of its release, by the person's own word. */
export const isReleaseDayPlay = ({ watched, releaseDate }: AchievementFacts): boolean =>
  watched.precision !== 'unknown' &&
  !(watched.precision === 'date' && watched.released === true) &&
  releaseDate !== undefined &&
  // Nearly always it came out long before, and the calendar need not be asked.
  releaseDate >= watched.localDate &&
  calendarDateOf(watched) === releaseDate;
