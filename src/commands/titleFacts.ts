import { DEFAULT_ZONE } from '../domain/account/account.js';
import { titleSnapshotOf } from '../domain/movie/snapshot.js';
import { viewingStream } from '../domain/streams.js';
import type { ViewingCommand } from '../domain/viewing/commands.js';
import type { ViewingEvent } from '../domain/viewing/events.js';
import type { ViewingState } from '../domain/viewing/state.js';
import { allFacts, factsKnown, factsMask } from '../domain/viewing/titleFacts.js';
import { viewingDecider } from '../domain/viewing/viewing.js';
import type { CommandCall } from './call.js';
import type { CommandOutcome } from './command.js';
import { handleOn } from './handleOn.js';
import { movieStateOf } from './movieState.js';
import type { Viewer } from './ports/titleViewers.js';
import type { CommandServices } from './services.js';

/** How many people are told before the command that brought the facts is answered; a reaction tells the others. */
const TOLD_AT_ONCE = 50;

/** The plays and names of one person get what they lack of a title; nothing where they lack nothing. */
export const learnTitleFacts = (
  services: CommandServices,
  call: CommandCall,
  { userId, titleId }: Viewer,
): Promise<CommandOutcome> =>
  handleOn<ViewingState, ViewingCommand, ViewingEvent>(services, call, {
    stream: viewingStream(userId, titleId),
    decider: viewingDecider,
    id: titleId,
    command: async () => {
      const movie = await movieStateOf(services, titleId, call.signal);
      return {
        type: 'LearnTitleFacts',
        data: { movieId: titleId },
        context: {
          ...{ now: call.now, userId, titleId, zone: DEFAULT_ZONE, playId: titleId },
          ...(movie.status === 'absent' ? {} : { title: titleSnapshotOf(movie.details) }),
        },
      };
    },
  });

/**
 * After a change of a film: tells the people who lacked what is known of it now, so that whoever waits for the
 * answer's position reads their new numbers. What fails here, or is too much, is left to the reaction that follows
 * the log.
 */
export const tellViewers = async (
  services: CommandServices,
  call: CommandCall,
  outcome: CommandOutcome,
): Promise<CommandOutcome> => {
  const { precondition: _, ...follower } = call;
  try {
    const movie = await movieStateOf(services, outcome.id, call.signal);
    if (movie.status === 'absent') return outcome;
    const known = factsMask(factsKnown(allFacts, titleSnapshotOf(movie.details)));
    const viewers = await services.viewers.lacking(outcome.id, known, TOLD_AT_ONCE);
    const told = await Promise.all(
      viewers.map((viewer) =>
        learnTitleFacts(
          services,
          // Each with a signal of its own: one that many listen to counts as a leak.
          call.signal ? { ...follower, signal: AbortSignal.any([call.signal]) } : follower,
          viewer,
        ),
      ),
    );
    // Who was told by the reaction meanwhile was so somewhere before the end of the log.
    const position = told.some(({ appended }) => appended === 0)
      ? await services.eventStore.headPosition(call.signal ? { signal: call.signal } : {})
      : latestOf([outcome, ...told]);
    return { ...outcome, ...(position === undefined ? {} : { position }) };
  } catch {
    return outcome;
  }
};

const latestOf = (outcomes: readonly CommandOutcome[]): bigint | undefined =>
  outcomes
    .flatMap(({ position }) => position ?? [])
    .reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
