import type { Reaction, ReactionLog } from '../ports/reactions.js';
import type { Stray, TitleViewers, Viewer } from '../ports/titleViewers.js';
import { changesBy, titleEvents } from './titleChanges.js';

/** What the reaction commands; each does nothing where there is nothing to do. */
export interface TitleCommands {
  /** Tells the plays and names of one person what is known of the title. */
  learn(viewer: Viewer, signal: AbortSignal): Promise<unknown>;
  /** Moves what a person has to do with a title to the film that the title turns out to be. */
  move(stray: Stray, signal: AbortSignal): Promise<unknown>;
  /** Lets arrive what was moved away from a title. */
  arrive(viewer: Viewer, signal: AbortSignal): Promise<unknown>;
}

/** How many people are seen to at once. */
const AT_ONCE = 8;
/** A command is waited for so long: the same as one that a client gives by default. */
const COMMAND_MS = 10_000;

/**
 * What becomes known of titles reaches what people have recorded of them (SEMANTICS D6). Plays and names get the facts
 * that they lack once the catalogue has them; and where two ids turn out to be one title, what was recorded under the
 * other becomes the film's. That holds as well for what was recorded a moment after the catalogue changed, and decided
 * before.
 */
export const titlesReaction = (dependencies: {
  readonly viewers: TitleViewers;
  readonly commands: TitleCommands;
  readonly log: ReactionLog;
}): Reaction => {
  const { viewers, commands, log } = dependencies;

  const eachOf = async <Item extends Viewer>(
    items: readonly Item[],
    signal: AbortSignal,
    command: (item: Item, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> => {
    const waiting = items.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const item of waiting) {
          signal.throwIfAborted();
          try {
            await command(item, AbortSignal.any([signal, AbortSignal.timeout(COMMAND_MS)]));
          } catch (error) {
            if (signal.aborted) throw error;
            // The others do not wait for it. It is tried again when something changes of the title, or of the person.
            log.error({ err: error, ...item }, 'what is known of a title did not reach its plays');
          }
        }
      }),
    );
  };

  return {
    name: 'titles',
    version: 1,
    takes: titleEvents,
    react: async (events, signal) => {
      const changes = changesBy(events);
      await viewers.apply(changes);
      const { lacking, strays } = await viewers.workAfter(changes);
      await eachOf(strays, signal, (stray, limit) => commands.move(stray, limit));
      await eachOf(await viewers.underWay(), signal, (viewer, limit) =>
        commands.arrive(viewer, limit),
      );
      await eachOf(lacking, signal, (viewer, limit) => commands.learn(viewer, limit));
    },
    forget: () => viewers.forget(),
  };
};
