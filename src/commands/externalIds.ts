import { movieDecider, type MovieState } from '../domain/movie/movie.js';
import { movieIdOf, movieStream } from '../domain/streams.js';
import type { CommandCall } from './call.js';
import { CommandRejected } from './command.js';
import type { CommandServices } from './services.js';

/** What a film is called elsewhere. */
export interface ExternalIds {
  readonly tmdbId?: number | null;
  readonly imdbId?: string | null;
  readonly tvdbId?: number | null;
}

/** The names under which external ids are reserved. */
export const namesOf = ({ tmdbId, imdbId, tvdbId }: ExternalIds): readonly string[] => [
  ...(tmdbId == null ? [] : [`tmdb:movie:${tmdbId}`]),
  ...(imdbId == null ? [] : [`imdb:movie:${imdbId}`]),
  ...(tvdbId == null ? [] : [`tvdb:movie:${tvdbId}`]),
];

/** The id that a film known by a provider gets, so that everybody who imports it means the same stream. */
export const idOf = ({ tmdbId, imdbId, tvdbId }: ExternalIds): string | undefined => {
  if (tmdbId != null) return movieIdOf('tmdb', tmdbId);
  if (imdbId != null) return movieIdOf('imdb', imdbId);
  if (tvdbId != null) return movieIdOf('tvdb', tvdbId);
  return undefined;
};

/**
 * Reserves a film's external ids for it (SEMANTICS D14: unique over live films). Without an id of its own the
 * film is the one that holds one of the names already.
 * @throws {CommandRejected} `already-exists` when another live film holds one of them
 */
export const claimNames = async (
  services: CommandServices,
  call: CommandCall,
  film: ExternalIds & { readonly movieId?: string | undefined },
): Promise<{ readonly movieId: string }> => {
  const names = namesOf(film);
  const wanted = film.movieId ?? idOf(film) ?? call.newId('movie');
  const holders = await services.reservations.reserve(names, wanted);
  const others = [...holders].filter(([, holder]) => holder !== wanted);
  if (others.length === 0) return { movieId: wanted };

  const live = await liveHolders(services, call, others);
  for (const [name, holder] of others) {
    if (!live.has(name)) await services.reservations.takeOver(name, holder, wanted);
  }
  const [first, ...more] = [...new Set(live.values())];
  if (first === undefined) return { movieId: wanted };
  const sameFilm = film.movieId === undefined && more.length === 0;
  const free = names.filter((name) => !live.has(name));
  await services.reservations.release(free, wanted);
  if (!sameFilm) {
    throw new CommandRejected({
      kind: 'already-exists',
      code: 'external-id-taken',
      message: `Another film has the external id ${[...live.keys()].join(', ')}.`,
      existingId: first,
    });
  }
  await services.reservations.reserve(free, first);
  return { movieId: first };
};

/** Those of the holders that are live films and do have the name: a crashed import leaves names behind. */
const liveHolders = async (
  { streams }: CommandServices,
  call: CommandCall,
  held: readonly (readonly [name: string, holder: string])[],
): Promise<ReadonlyMap<string, string>> => {
  const films = await Promise.all(
    held.map(([, holder]) => streams.load(movieStream(holder), movieDecider, call.signal)),
  );
  return new Map(
    held.filter(([name], index) => {
      const state: MovieState | undefined = films[index]?.state;
      return state?.status === 'live' && namesOf(state.details).includes(name);
    }),
  );
};

/** Frees the names that the film holds but does not have (any more). */
export const releaseNames = async (
  { streams, reservations }: CommandServices,
  movieId: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const { state } = await streams.load(movieStream(movieId), movieDecider, signal);
  const has = state.status === 'live' ? namesOf(state.details) : [];
  await reservations.releaseAllBut(has, movieId);
};
