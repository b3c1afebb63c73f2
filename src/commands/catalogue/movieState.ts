import { movieDecider, type MovieState } from '../../domain/movie/movie.js';
import { movieStream } from '../../domain/streams.js';
import type { LoadOptions } from '../handling/loadedStreams.js';
import type { CommandServices } from '../handling/services.js';

/** What a film is now, from its own stream. */
export const movieStateOf = async (
  { streams }: Pick<CommandServices, 'streams'>,
  movieId: string,
  signal: AbortSignal | undefined,
  options: Pick<LoadOptions, 'mayLag'> = {},
): Promise<MovieState> => {
  const { state } = await streams.load(movieStream(movieId), movieDecider, { signal, ...options });
  return state;
};
