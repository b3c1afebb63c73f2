import { genreNames } from '../../../src/domain/movie/genres.js';
import type { Counter, Counters } from '../../../src/domain/achievements/counters.js';
import { dayNumber, weekdayOf } from '../../../src/domain/time/calendar.js';
import { localDateOf, localHourOf } from '../../../src/domain/time/localTime.js';
import { survivingPlays, type SurvivingPlay } from '../../support/histories/survivingPlays.js';
import type { RecordedViewing } from '../../support/histories/viewingHistories.js';

/** How many different things of each name there are, at most. */
const mostOf = (pairs: readonly (readonly [string, string])[]): number => {
  const things = new Map<string, Set<string>>();
  for (const [name, thing] of pairs) things.set(name, (things.get(name) ?? new Set()).add(thing));
  return Math.max(0, ...[...things.values()].map(({ size }) => size));
};

const distinct = (names: readonly (string | number)[]): number => new Set(names).size;

const longestRun = (numbers: readonly number[]): number => {
  const set = new Set(numbers);
  const lengthFrom = (first: number) => {
    let length = 0;
    while (set.has(first + length)) length += 1;
    return length;
  };
  return Math.max(0, ...[...set].map(lengthFrom));
};

const datesOf = ({ watched }: SurvivingPlay): readonly string[] =>
  watched.precision === 'unknown' || (watched.precision === 'date' && watched.released)
    ? []
    : [watched.localDate];

const calendarDateOf = ({ watched }: SurvivingPlay, date: string): string =>
  watched.precision === 'instant' ? localDateOf(watched.instant, watched.zone) : date;

const dayOf = ({ watched, recordedAt }: SurvivingPlay): string =>
  watched.precision === 'unknown' ? recordedAt.slice(0, 10) : watched.localDate;

const hourOf = ({ watched }: SurvivingPlay): number =>
  watched.precision === 'instant' ? localHourOf(watched.instant, watched.zone) : 12;

/** One person's counters, by going through all that is left of their history. */
export const countedAfresh = (events: readonly RecordedViewing[], userId: string): Counters => {
  const plays = survivingPlays(events).filter((play) => play.userId === userId);
  const dates = plays.flatMap(datesOf);
  const days = new Set(dates);
  const saturdays = [...days]
    .filter((date) => weekdayOf(date) === 6)
    .map(dayNumber)
    .filter((day) => [...days].some((date) => dayNumber(date) === day + 1));
  const filmsWhere = (holds: (play: SurvivingPlay) => boolean) =>
    distinct(plays.filter(holds).map(({ titleId }) => titleId));
  const playsWhere = (holds: (play: SurvivingPlay) => boolean) => plays.filter(holds).length;
  const standing = (made: string, undone: string) => {
    const titles = new Set<string>();
    for (const { type, data } of events) {
      if (data.userId !== userId) continue;
      if (type === made) titles.add(data.titleId);
      if (type === undone || type === 'ViewingMoved') titles.delete(data.titleId);
    }
    return titles.size;
  };
  return {
    films: filmsWhere(() => true),
    minutes: plays.reduce((sum, { snapshot }) => sum + snapshot.runtimeMinutes, 0),
    genres: distinct(
      plays.flatMap(({ snapshot }) =>
        genreNames(snapshot.genres).flatMap((genre) => genre.split(' & ')),
      ),
    ),
    decades: distinct(
      plays.flatMap(({ snapshot: { releaseYear } }) =>
        releaseYear === undefined ? [] : [Math.floor(releaseYear / 10)],
      ),
    ),
    countries: distinct(plays.flatMap(({ snapshot }) => snapshot.countries)),
    acclaimedFilms: filmsWhere(({ snapshot }) => (snapshot.voteAverage ?? 0) >= 8),
    nightPlays: playsWhere((play) => hourOf(play) < 5),
    earlyPlays: playsWhere((play) => [5, 6].includes(hourOf(play))),
    // The one old film among them is of 1930.
    oldPlays: playsWhere(
      (play) => play.snapshot.releaseYear === 1930 && dayOf(play) > '2010-01-02',
    ),
    releaseDayPlays: playsWhere((play) =>
      datesOf(play).some((d) => calendarDateOf(play, d) === play.snapshot.releaseDate),
    ),
    longestStreak: longestRun(dates.map(dayNumber)),
    fullWeekends: longestRun(saturdays.map((day) => (day - 2) / 7)),
    filmsInOneDay: mostOf(
      plays.flatMap((play) => datesOf(play).map((date) => [date, play.titleId] as const)),
    ),
    playsOfOneFilm: mostOf(plays.map(({ titleId, id }) => [titleId, id])),
    filmsByOneDirector: mostOf(
      plays.flatMap(({ snapshot, titleId }) =>
        snapshot.directors.map((director) => [director, titleId] as const),
      ),
    ),
    ratings: standing('TitleRated', 'RatingRemoved'),
    reviews: standing('ReviewWritten', 'ReviewRemoved'),
  } satisfies Record<Counter, number>;
};
