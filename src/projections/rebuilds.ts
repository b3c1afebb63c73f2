import type { EventStore } from '../commands/ports/eventStore.js';
import { inEvents } from './buildWatch.js';
import { knownProjection } from './engine/live/engine.js';
import type { Build, BuildStore, WantedBuild } from './ports/builds.js';

/**
 * What can be asked for about rebuilding. What is to be built is of the code's version; the rest can be asked for of
 * read models, too, that the code has no more.
 */
export interface Rebuilds extends Pick<
  BuildStore,
  'underWay' | 'list' | 'find' | 'cancel' | 'throttle' | 'drop'
> {
  /** The names of all read models. */
  readonly names: readonly string[];
  /** @throws {UnknownProjection} */
  requireKnown(name: string): void;
  /** @throws {UnknownProjection} */
  request(
    names: readonly string[],
    options: { readonly requestedBy: string; readonly eventsPerSecond?: number },
  ): Promise<readonly Build[]>;
  /** @throws {UnknownProjection} {CannotRollBack} */
  rollBack(name: string, options: { readonly requestedBy: string }): Promise<Build>;
}

/** The builds that can be asked for with the read models as the code has them; their places count events. */
export const createRebuilds = (
  builds: BuildStore,
  log: Pick<EventStore, 'ordinalsAt'>,
  projections: readonly WantedBuild[],
): Rebuilds => {
  const names = projections.map(({ name }) => name);
  const known = (name: string): WantedBuild => {
    const { version } = knownProjection(projections, name);
    return { name, version };
  };
  return {
    names,
    requireKnown: (name) => void known(name),
    underWay: async () => inEvents(log, await builds.underWay()),
    list: async () => inEvents(log, await builds.list()),
    find: async (id) => {
      const build = await builds.find(id);
      return build && (await inEvents(log, [build]))[0];
    },
    request: async (wanted, options) =>
      inEvents(log, await builds.request(wanted.map(known), options)),
    cancel: (name) => builds.cancel(name),
    throttle: (name, eventsPerSecond) => builds.throttle(name, eventsPerSecond),
    drop: (name) => builds.drop(name),
    rollBack: async (name, options) => builds.rollBack(known(name), options),
  };
};
