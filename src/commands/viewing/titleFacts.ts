import { DEFAULT_ZONE } from '../../domain/account/account.js';
import { titleSnapshotOf } from '../../domain/movie/snapshot.js';
import { movieDecider } from '../../domain/movie/movie.js';
import { movieStream, viewingStream } from '../../domain/streams.js';
import type { ViewingCommand, ViewingContext } from '../../domain/viewing/commands.js';
import type { ViewingEvent } from '../../domain/viewing/events.js';
import type { ViewingState } from '../../domain/viewing/state.js';
import { viewingDecider } from '../../domain/viewing/viewing.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandOutcome } from '../command.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { Viewer } from '../ports/titleViewers.js';
import type { CommandServices } from '../handling/services.js';

/** The plays and names of one person get what they lack of a title; nothing where they lack nothing. */
export const learnTitleFacts = (
  services: CommandServices,
  call: CommandCall,
  viewer: Viewer,
): Promise<CommandOutcome> =>
  onViewing(services, call, viewer, () => ({
    type: 'LearnTitleFacts',
    data: { movieId: viewer.titleId },
  }));

/** What Reellog itself commands on one person's viewing of a title. */
export const onViewing = (
  services: CommandServices,
  call: CommandCall,
  { userId, titleId }: Viewer,
  command: () => Omit<Extract<ViewingCommand, { type: Internal }>, 'context'>,
): Promise<CommandOutcome> =>
  handleCommand<ViewingState, ViewingCommand, ViewingEvent>(services, call, {
    stream: viewingStream(userId, titleId),
    decider: viewingDecider,
    id: titleId,
    command: (load) => async () => {
      const { state: movie } = await load(movieStream(titleId), movieDecider);
      const context: ViewingContext = {
        now: call.now,
        userId,
        titleId,
        zone: DEFAULT_ZONE,
        playId: titleId,
        ...(movie.status === 'absent' ? {} : { title: titleSnapshotOf(movie) }),
      };
      return { context, ...command() } as ViewingCommand;
    },
  });

type Internal = 'LearnTitleFacts' | 'MoveViewing' | 'AdoptViewing';
