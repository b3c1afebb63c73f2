import type { LibraryCommand } from '../../domain/library/commands.js';
import type { LibraryEvent } from '../../domain/library/events.js';
import { libraryDecider, type LibraryState } from '../../domain/library/library.js';
import { libraryStream } from '../../domain/streams.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandData, CommandOutcome } from '../command.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { CommandServices } from '../handling/services.js';

/** A command on one library; creating one may give it a new id. */
export const onLibrary =
  <Type extends LibraryCommand['type']>(type: Type) =>
  (
    services: CommandServices,
    call: CommandCall,
    data: CommandData<Type>,
  ): Promise<CommandOutcome> => {
    const libraryId = data.libraryId ?? call.newId('library');
    return handleCommand<LibraryState, LibraryCommand, LibraryEvent>(services, call, {
      stream: libraryStream(libraryId),
      decider: libraryDecider,
      id: libraryId,
      command: () => () =>
        ({ type, data, context: { now: call.now, libraryId } }) as LibraryCommand,
    });
  };
