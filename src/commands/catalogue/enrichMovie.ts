import { wantedFilmOf } from '../../domain/movie/enrichment.js';
import type { MovieChanges } from '../../domain/movie/events.js';
import { CommandRejected, type CommandOutcome } from '../command.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandServices } from '../handling/services.js';
import type { MovieProvider } from '../ports/movieProvider.js';
import { changeMovie } from './movieCommands.js';
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
  const outcome = await refresh(services, call, {
    movieId,
    source: provider.name,
    changes: details,
  });
  return outcome.appended > 0 ? 'enriched' : 'unchanged';
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
