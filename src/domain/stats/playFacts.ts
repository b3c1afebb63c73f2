import type { MovieWatched } from '../viewing/events.js';

/** What stats keep of one play's snapshot. */
export interface PlayFacts {
  readonly minutes: number;
  readonly estimated: boolean;
  readonly genres: readonly string[];
  readonly year?: number;
  readonly countries: readonly string[];
  readonly language?: string;
  readonly directors: readonly string[];
  readonly studios: readonly string[];
  readonly actors: readonly string[];
}

export const playFactsOf = ({ snapshot }: MovieWatched['data']): PlayFacts => ({
  minutes: snapshot.runtimeMinutes,
  estimated: snapshot.runtimeEstimated,
  genres: snapshot.genres,
  ...(snapshot.releaseYear === undefined ? {} : { year: snapshot.releaseYear }),
  countries: snapshot.countries,
  ...(snapshot.originalLanguage === undefined ? {} : { language: snapshot.originalLanguage }),
  directors: snapshot.directors,
  studios: snapshot.studios,
  actors: snapshot.actors,
});
