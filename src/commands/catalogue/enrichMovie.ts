import { wantedFilmOf } from '../../domain/movie/enrichment.js';
import type { MovieChanges, MovieDetails } from '../../domain/movie/events.js';
import { CommandRejected, type CommandOutcome } from '../command.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandServices } from '../handling/services.js';
import type { MovieProvider } from '../ports/movieProvider.js';
import { filmsThatHave, namesOf } from './externalIds.js';
import { changeMovie, removeMovie } from './movieCommands.js';
import { movieStateOf } from './movieState.js';

/** What became of looking a film up. */
export type Enrichment =
  | 'enriched'
  /** The provider knows no more than is known here. */
  | 'unchanged'
  /** No film of the provider's is meant surely enough. */
  | 'no-match'
  /** The provider does not know the film's id, or no longer: what is known stays. */
  | 'unknown'
  /** The provider made it one with another film of the catalogue, which has its plays now. */
  | 'merged'
  /** The film is no longer in the catalogue. */
  | 'gone';

const refreshMovie = changeMovie('RefreshMovieMetadata');

/**
 * Looks a film up and records what the provider knows better; fields that a person edited stay as they are. Done twice
 * it changes nothing the second time.
 * @throws {ProviderFailure} nothing was changed: later there may be an answer
 */
export const enrichMovie = async (
  services: CommandServices,
  call: CommandCall & { readonly signal: AbortSignal },
  provider: MovieProvider,
  movieId: string,
): Promise<Enrichment> => {
  const { signal } = call;
  const state = await movieStateOf(services, movieId, signal);
  if (state.status !== 'live') return 'gone';
  const tmdbId =
    state.details.tmdbId ??
    (await provider.matchMovie(wantedFilmOf(state.details), signal))?.film.tmdbId;
  if (tmdbId === undefined) return 'no-match';
  const details = await provider.getMovieMetadata(tmdbId, signal);
  if (details === undefined) return 'unknown';
  const source = provider.name;
  const { imdbId } = details;
  const isMerged = details.tmdbId !== tmdbId && imdbId !== undefined;
  const mayGo = imdbId === state.details.imdbId && !state.locked.some((field) => IDS.has(field));
  const into = isMerged && mayGo ? await otherWith(services, details, movieId) : undefined;
  if (into !== undefined) {
    await removeMovie(services, call, { movieId });
    // With the IMDb id that both have the plays come, too.
    await refresh(services, call, { movieId: into, source, changes: details });
    return 'merged';
  }
  const outcome = await refresh(services, call, { movieId, source, changes: details });
  return outcome.appended > 0 ? 'enriched' : 'unchanged';
};

const IDS: ReadonlySet<string> = new Set(['tmdbId', 'imdbId']);

/** Another film of the catalogue that has the TMDb id. */
const otherWith = async (
  services: CommandServices,
  { tmdbId }: MovieDetails,
  movieId: string,
): Promise<string | undefined> => {
  const names = namesOf(tmdbId === undefined ? {} : { tmdbId });
  const holders = await services.reservations.holders(names);
  const owners = new Map([...holders].map(([name, { owner }]) => [name, owner]));
  const [film] = (await filmsThatHave(services, owners, undefined)).values();
  return film === movieId ? undefined : film;
};

/** Where another film has one of the ids they stay with it; the rest is true of this one all the same. */
const refresh = async (
  services: CommandServices,
  call: CommandCall,
  data: { readonly movieId: string; readonly source: string; readonly changes: MovieChanges },
): Promise<CommandOutcome> => {
  try {
    return await refreshMovie(services, call, data);
  } catch (error) {
    const isTaken = error instanceof CommandRejected && error.failure.kind === 'already-exists';
    if (!isTaken) throw error;
    const { tmdbId: _, imdbId: __, tvdbId: ___, ...changes } = data.changes;
    return refreshMovie(services, call, { ...data, changes });
  }
};
