import { pathFields } from '../../domain/images/artwork.js';
import type { MovieCommand } from '../../domain/movie/commands.js';
import type { ImageKind, MovieEvent } from '../../domain/movie/events.js';
import { movieDecider, type MovieState } from '../../domain/movie/movie.js';
import { movieStream } from '../../domain/streams.js';
import type { CommandData, CommandOutcome } from '../command.js';
import type { CommandCall } from '../handling/call.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { CommandServices } from '../handling/services.js';
import type { ImageProvider, ImageStore } from '../ports/images.js';
import { movieStateOf } from './movieState.js';

/** A command about one of a film's pictures. People's plays have nothing to learn from it. */
export const changeImage =
  <Name extends 'StoreMovieImage' | 'RemoveMovieImage'>(type: Name) =>
  (
    services: CommandServices,
    call: CommandCall,
    data: CommandData<Name>,
  ): Promise<CommandOutcome> => {
    const { movieId } = data;
    const command = { type, data, context: { now: call.now, movieId } } as MovieCommand;
    return handleCommand<MovieState, MovieCommand, MovieEvent>(services, call, {
      stream: movieStream(movieId),
      decider: movieDecider,
      command: () => () => command,
      id: movieId,
    });
  };

const storeMovieImage = changeImage('StoreMovieImage');

/** What became of fetching a picture. */
export type FetchedImage =
  | 'stored'
  /** It is here already. */
  | 'unchanged'
  /** The film names none, or has one of a person's own. */
  | 'none-wanted'
  /** The film is no longer in the catalogue. */
  | 'gone';

/** Fetches a picture that a film names and has not. Done twice it changes nothing the second time. */
export const fetchMovieImage = async (
  services: CommandServices,
  call: CommandCall & { readonly signal: AbortSignal },
  { images, provider }: { readonly images: ImageStore; readonly provider: ImageProvider },
  { movieId, image: kind }: { readonly movieId: string; readonly image: ImageKind },
): Promise<FetchedImage> => {
  const { signal } = call;
  const state = await movieStateOf(services, movieId, signal);
  if (state.status !== 'live') return 'gone';
  const source = state.details[pathFields[kind]];
  if (source === undefined) return 'none-wanted';
  const there = state.artwork[kind];
  if (there?.source === source && (await images.has(there.hash))) return 'unchanged';
  const stored = await images.store(await provider.download(source, kind, signal), signal);
  const outcome = await storeMovieImage(services, call, { movieId, kind, source, ...stored });
  return outcome.appended > 0 ? 'stored' : 'unchanged';
};
