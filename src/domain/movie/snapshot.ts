import type { TitleSnapshot } from '../viewing/events.js';
import type { MovieFacts } from './events.js';
import type { CastMember } from './longLists.js';

/** What a film without a known running time counts as (SEMANTICS D6). */
export const FALLBACK_RUNTIME_MINUTES = 90;
/** How many of the cast, by billing, count as a film's actors in stats. */
const BILLED_ACTORS = 10;

/** The names of those of the cast, by billing, that count as a film's actors; each once. */
export const billedActors = (cast: readonly Pick<CastMember, 'name'>[]): readonly string[] =>
  [...new Set(cast.map(({ name }) => name))].slice(0, BILLED_ACTORS);

/** What the numbers need to know of a film, as it is now. */
export const titleSnapshotOf = ({
  details: movie,
  actors: [...actors],
}: {
  readonly details: MovieFacts;
  readonly actors: readonly string[];
}): TitleSnapshot => ({
  title: movie.title,
  runtimeMinutes: movie.runtimeMinutes ?? FALLBACK_RUNTIME_MINUTES,
  runtimeEstimated: movie.runtimeMinutes === undefined,
  genres: movie.genres ?? [],
  ...(movie.year === undefined ? {} : { releaseYear: movie.year }),
  ...(movie.releaseDate === undefined ? {} : { releaseDate: movie.releaseDate }),
  ...(movie.communityRating === undefined ? {} : { voteAverage: movie.communityRating }),
  countries: movie.countries ?? [],
  ...(movie.originalLanguage === undefined ? {} : { originalLanguage: movie.originalLanguage }),
  directors: movie.directors ?? [],
  studios: movie.studios ?? [],
  actors: [...actors],
});
