import { viewingStream } from '../../domain/streams.js';
import { viewingDecider } from '../../domain/viewing/viewing.js';
import type { CommandCall } from '../handling/call.js';
import { CommandRejected, type CommandOutcome } from '../command.js';
import type { LoadOptions } from '../handling/loadedStreams.js';
import type { CommandServices } from '../handling/services.js';

/** An id reserved for longer, of a play that was never recorded, was left behind: no command takes so long. */
const LEFT_BEHIND_MS = 10_000;

interface NamedPlay {
  readonly titleId: string;
  readonly playId: string;
}

/**
 * Records a play under the id that a client gives it: an id stands for one watch of one film (SEMANTICS D14).
 * @throws {CommandRejected} `watch-exists` when a play of another film has it, `contended` when one is about to
 */
export const underPlayId = async (
  services: CommandServices,
  call: CommandCall,
  play: NamedPlay,
  record: () => Promise<CommandOutcome>,
): Promise<CommandOutcome> => {
  // Where this is behind, the reservation tells.
  if (await hasPlay(services, call, play, { mayLag: true })) return record();
  await claim(services, call, play);
  try {
    return await record();
  } catch (error) {
    // When the log did not answer, the play may be there: then its id stays reserved.
    if (error instanceof CommandRejected) {
      await services.reservations.release([nameOf(call, play)], play.titleId);
    }
    throw error;
  }
};

const nameOf = ({ actor }: CommandCall, { playId }: NamedPlay): string =>
  `play:${actor.userId}:${playId}`;

const claim = async (
  services: CommandServices,
  call: CommandCall,
  play: NamedPlay,
): Promise<void> => {
  const { titleId, playId } = play;
  const name = nameOf(call, play);
  const holder = (await services.reservations.reserve([name], titleId)).get(name);
  if (!holder || holder.owner === titleId) return;
  if (await hasPlay(services, call, { titleId: holder.owner, playId })) {
    throw new CommandRejected({
      kind: 'already-exists',
      code: 'watch-exists',
      message: 'A watch of another film is recorded under this id. Give this one another "playId".',
      existingId: playId,
    });
  }
  if (holder.heldMs <= LEFT_BEHIND_MS) {
    throw new CommandRejected({
      kind: 'contended',
      code: 'contended',
      message: 'Another request is recording a watch under this id. Try again in a moment.',
    });
  }
  await services.reservations.takeOver([{ name, from: holder.owner }], titleId);
  await claim(services, call, play);
};

const hasPlay = async (
  { streams }: CommandServices,
  { actor, signal }: CommandCall,
  { titleId, playId }: NamedPlay,
  options: Pick<LoadOptions, 'mayLag'> = {},
): Promise<boolean> => {
  const asked = new Set<string>();
  // The title may have turned out to be another, with its plays.
  for (let place: string | undefined = titleId; place !== undefined && !asked.has(place);) {
    asked.add(place);
    const stream = viewingStream(actor.userId, place);
    const { state } = await streams.load(stream, viewingDecider, { signal, ...options });
    if (state.plays.has(playId)) return true;
    place = state.movedTo;
  }
  return false;
};
