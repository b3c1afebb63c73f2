import { genreNames } from '../movie/genres.js';
import type { LocalDate } from '../schemas.js';
import { decadeOf } from '../time/calendar.js';
import { localHourOf } from '../time/localTime.js';
import type { TitleSnapshot, WatchedWhen } from '../viewing/events.js';
import type { PlayReading } from '../viewing/plays/titlePlays.js';

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

/** What of the title a play is counted under; a kind that has no names is not there. */
export type TitleNames = Partial<Record<Exclude<TallyKind, 'weekday' | 'hour'>, readonly string[]>>;

/** What stats keep of one play. */
export interface PlayFacts {
  readonly minutes: number;
  /** The minutes rest on a fallback running time. */
  readonly estimated?: true;
  /** Of a play whose day is known. */
  readonly date?: LocalDate;
  /** On the clocks of the person's zone; of a play whose moment is known. */
  readonly hour?: number;
  readonly names: TitleNames;
}

export const playFacts: PlayReading<PlayFacts> = {
  recorded: ({ snapshot, watched }) => ({
    minutes: snapshot.runtimeMinutes,
    ...(snapshot.runtimeEstimated ? { estimated: true } : {}),
    ...timeOf(watched),
    names: namesOf(snapshot),
  }),
  amended: ({ date: _, hour: __, ...facts }, watched) => ({ ...facts, ...timeOf(watched) }),
  learnt: (facts, title) => {
    const { estimated, ...told } = facts;
    const names = { ...namesOf(title), ...facts.names };
    const timed = estimated === true && !title.runtimeEstimated;
    if (!timed && Object.keys(names).length === Object.keys(facts.names).length) return facts;
    return timed ? { ...told, minutes: title.runtimeMinutes, names } : { ...facts, names };
  },
};

const timeOf = (watched: WatchedWhen): Pick<PlayFacts, 'date' | 'hour'> => {
  switch (watched.precision) {
    case 'instant':
      return { date: watched.localDate, hour: localHourOf(watched.instant, watched.zone) };
    case 'date':
      return { date: watched.localDate };
    case 'unknown':
      return {};
    default:
      return watched satisfies never;
  }
};

const namesOf = (title: TitleSnapshot): TitleNames => ({
  ...(title.genres.length > 0 ? { genre: genreNames(title.genres) } : {}),
  ...(title.countries.length > 0 ? { country: title.countries } : {}),
  ...(title.directors.length > 0 ? { director: title.directors } : {}),
  ...(title.actors.length > 0 ? { actor: title.actors } : {}),
  ...(title.studios.length > 0 ? { studio: title.studios } : {}),
  ...(title.releaseYear === undefined ? {} : { decade: [String(decadeOf(title.releaseYear))] }),
  ...(title.originalLanguage === undefined ? {} : { language: [title.originalLanguage] }),
});
