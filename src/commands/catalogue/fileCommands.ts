import type { MovieCommand } from '../../domain/movie/commands.js';
import type { MovieEvent } from '../../domain/movie/events.js';
import { movieDecider, type MovieState } from '../../domain/movie/movie.js';
import { movieStream } from '../../domain/streams.js';
import type { CommandData, CommandOutcome } from '../command.js';
import type { CommandCall } from '../handling/call.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { CommandServices } from '../handling/services.js';

/** Attaches a file to a film, or detaches it: nothing that is recorded of the film by people depends on it. */
export const changeFile =
  <Name extends 'AttachFile' | 'DetachFile'>(type: Name) =>
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
