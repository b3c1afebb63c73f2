import type { EventStore } from '../commands/ports/eventStore.js';
import { inEvents } from './rebuildWatch.js';
import { knownProjection } from './engine/live/engine.js';
import type { Rebuild, RebuildStore, WantedRebuild } from './ports/rebuildStore.js';

/**
 * What can be asked for about rebuilding. What is to be built is of the code's version; the rest can be asked for of
 * read models, too, that the code has no more.
 */
export interface Rebuilds extends Pick<
  RebuildStore,
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
  ): Promise<readonly Rebuild[]>;
  /** @throws {UnknownProjection} {CannotRollBack} */
  rollBack(name: string, options: { readonly requestedBy: string }): Promise<Rebuild>;
}

/** The rebuilds that can be asked for with the read models as the code has them; their places count events. */
export const createRebuilds = (
  rebuilds: RebuildStore,
  log: Pick<EventStore, 'ordinalsAt'>,
  projections: readonly WantedRebuild[],
): Rebuilds => {
  const names = projections.map(({ name }) => name);
  const known = (name: string): WantedRebuild => {
    const { version } = knownProjection(projections, name);
    return { name, version };
  };
  return {
    names,
    requireKnown: (name) => void known(name),
    underWay: async () => inEvents(log, await rebuilds.underWay()),
    list: async () => inEvents(log, await rebuilds.list()),
    find: async (id) => {
      const rebuild = await rebuilds.find(id);
      return rebuild && (await inEvents(log, [rebuild]))[0];
    },
    request: async (wanted, options) =>
      inEvents(log, await rebuilds.request(wanted.map(known), options)),
    cancel: (name) => rebuilds.cancel(name),
    throttle: (name, eventsPerSecond) => rebuilds.throttle(name, eventsPerSecond),
    drop: (name) => rebuilds.drop(name),
    rollBack: async (name, options) => rebuilds.rollBack(known(name), options),
  };
};
