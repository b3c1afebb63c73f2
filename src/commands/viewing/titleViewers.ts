import { titleSnapshotOf } from '../../domain/movie/snapshot.js';
import { allFacts, factsKnown, factsMask } from '../../domain/viewing/titleFacts.js';
import { randomIds, type CommandCall } from '../handling/call.js';
import type { CommandOutcome } from '../command.js';
import { idsOf } from '../catalogue/externalIds.js';
import { movieStateOf } from '../catalogue/movieState.js';
import type { CommandServices } from '../handling/services.js';
import { learnTitleFacts } from './titleFacts.js';
import { moveViewing } from './titleMoves.js';

/** How many people are told before the command that changed the film is answered; a reaction tells the others. */
const TOLD_AT_ONCE = 50;

/**
 * After a change of a film: what is known of it now reaches those who have watched it, so that whoever waits for the
 * answer's position reads their new numbers. What fails here, or is too much, is left to the reaction that follows the
 * log.
 */
export const tellViewers = async (
  services: CommandServices,
  call: CommandCall,
  outcome: CommandOutcome,
): Promise<CommandOutcome> => {
  const one = (): CommandCall => ({
    ...call,
    precondition: undefined,
    // Not those of the key: several may follow on one stream, and each does nothing the second time.
    ...randomIds(services.newId),
    keyed: false,
    // Of its own: a signal that many listen to counts as a leak.
    signal: call.signal && AbortSignal.any([call.signal]),
  });
  try {
    // The command's own events are known here.
    const movie = await movieStateOf(services, outcome.id, call.signal, { mayLag: true });
    if (movie.status !== 'live') return outcome;
    const { lacking, strays } = await services.viewers.workFor({
      filmId: outcome.id,
      known: factsMask(factsKnown(allFacts, titleSnapshotOf(movie))),
      names: Object.values(idsOf(movie.details)).filter((name) => name !== null),
      atMost: TOLD_AT_ONCE,
    });
    const told = [
      ...(await Promise.all(strays.map((stray) => moveViewing(services, one(), stray)))),
      ...(await Promise.all(lacking.map((viewer) => learnTitleFacts(services, one(), viewer)))),
    ];
    if (told.length === 0) return outcome;
    // Who was told by the reaction meanwhile was so somewhere before the end of the log.
    const position = told.every((step) => step !== undefined && step.appended > 0)
      ? latestOf([outcome, ...told.filter((step) => step !== undefined)])
      : await services.eventStore.headPosition(call.signal ? { signal: call.signal } : {});
    return { ...outcome, ...(position === undefined ? {} : { position }) };
  } catch {
    return outcome;
  }
};

const latestOf = (outcomes: readonly CommandOutcome[]): bigint | undefined =>
  outcomes
    .flatMap(({ position }) => position ?? [])
    .reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
