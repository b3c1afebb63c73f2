import type { ProjectionStatus } from './engine.js';

/** A read model that lags has so long to move before it counts as stalled. */
export const STALLED_MS = 30_000;

/** Tells which of some read models lag and have not moved for a while. */
export type StallWatch = (
  statuses: readonly Pick<ProjectionStatus, 'name' | 'position' | 'lagEvents'>[],
  nowMs: number,
) => ReadonlySet<string>;

/** Remembers when each read model moved last, as far as it was asked. */
export const createStallWatch = (afterMs = STALLED_MS): StallWatch => {
  const moved = new Map<string, { readonly position: bigint; readonly atMs: number }>();
  return (statuses, nowMs) => {
    const stalled = new Set<string>();
    for (const { name, position, lagEvents } of statuses) {
      const last = moved.get(name);
      if (last?.position !== position || lagEvents === 0n) {
        moved.set(name, { position, atMs: nowMs });
      } else if (nowMs - last.atMs >= afterMs) {
        stalled.add(name);
      }
    }
    return stalled;
  };
};
