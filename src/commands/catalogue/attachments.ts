import type { MovieCommand } from '../../domain/movie/commands.js';
import type { MovieEvent } from '../../domain/movie/events.js';
import { movieDecider, type MovieState } from '../../domain/movie/movie.js';
import { movieStream } from '../../domain/streams.js';
import type { CommandData, CommandOutcome } from '../command.js';
import type { CommandCall } from '../handling/call.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { CommandServices } from '../handling/services.js';

type Attachment = 'AttachFile' | 'DetachFile' | 'StoreMovieImage' | 'RemoveMovieImage';

/** A command on a film's file or pictures: nothing that people recorded of the film depends on them. */
export const changeAttachment =
  <Name extends Attachment>(type: Name) =>
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
