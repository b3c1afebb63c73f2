import { UnknownProjection } from './engine/engine.js';
import type { Build, BuildStore, WantedBuild } from './ports/builds.js';

/** What can be asked for about rebuilding, by the names of read models that there are. */
export interface Rebuilds extends Pick<BuildStore, 'underWay' | 'list' | 'find'> {
  /** The names of all read models. */
  readonly names: readonly string[];
  /** @throws {UnknownProjection} */
  request(
    names: readonly string[],
    options: { readonly requestedBy: string; readonly eventsPerSecond?: number },
  ): Promise<readonly Build[]>;
  /** @returns the build; `undefined` when none is under way. @throws {UnknownProjection} */
  cancel(name: string): Promise<Build | undefined>;
  /** @returns the build; `undefined` when none is under way. @throws {UnknownProjection} */
  throttle(name: string, eventsPerSecond: number | undefined): Promise<Build | undefined>;
  /** @throws {UnknownProjection} {CannotRollBack} */
  rollBack(name: string, options: { readonly requestedBy: string }): Promise<Build>;
  /** @returns what was dropped; nothing when there was nothing to go back to. @throws {UnknownProjection} */
  drop(name: string): Promise<readonly Build[]>;
}

/** The builds that can be asked for with the read models as the code has them. */
export const createRebuilds = (
  builds: BuildStore,
  projections: readonly WantedBuild[],
): Rebuilds => {
  const names = projections.map(({ name }) => name);
  const known = (name: string): WantedBuild => {
    const found = projections.find((projection) => projection.name === name);
    if (found) return { name, version: found.version };
    throw new UnknownProjection(
      `There is no projection "${name}". There are: ${names.join(', ')}.`,
    );
  };
  return {
    names,
    underWay: () => builds.underWay(),
    list: () => builds.list(),
    find: (id) => builds.find(id),
    request: async (wanted, options) => builds.request(wanted.map(known), options),
    cancel: async (name) => builds.cancel(known(name).name),
    throttle: async (name, eventsPerSecond) => builds.throttle(known(name).name, eventsPerSecond),
    rollBack: async (name, options) => builds.rollBack(known(name), options),
    drop: async (name) => builds.drop(known(name).name),
  };
};
