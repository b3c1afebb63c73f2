import type { ProjectionStatus } from '../../../../projections/engine/live/engine.js';
import { createStallWatch } from '../../../../projections/engine/live/stalled.js';
import { createPaceMeter } from '../../../../projections/pace.js';
import type { Rebuild } from '../../../../projections/ports/rebuildStore.js';

/** How far a read model is that is made anew beside the one that is served. */
export interface RebuildSeen {
  readonly state: Rebuild['state'];
  /** From 0 to 1. */
  readonly share: number;
  /** Events per second, of late. */
  readonly rate: number;
  /** Absent while it does not get on. */
  readonly secondsLeft?: number;
}

/** A read model as it was when somebody looked. */
export interface ProjectionSeen {
  readonly name: string;
  readonly version: number;
  /** Where its rows are. */
  readonly schema: string;
  readonly state: ProjectionStatus['worker']['state'];
  /** Of a read model that fails. */
  readonly error?: string;
  readonly position: bigint;
  readonly lagEvents: bigint;
  readonly lagSeconds: number;
  /** Events per second, of late. */
  readonly rate: number;
  readonly parked: number;
  /** It lags and does not move. */
  readonly stalled: boolean;
  readonly rebuild?: RebuildSeen;
}

/** What there was to see at a moment. */
export interface Seen {
  readonly at: Date;
  readonly head: bigint;
  readonly projections: readonly ProjectionSeen[];
}

/** Makes what was found at a moment into what is shown, with what only several looks together can tell. */
export type Looker = (
  found: {
    readonly statuses: readonly ProjectionStatus[];
    /** With places that count events. */
    readonly rebuilds: readonly Rebuild[];
    readonly at: Date;
  },
  nowMs: number,
) => Seen;

export const createLooker = (): Looker => {
  const stalledOf = createStallWatch();
  const meters = new Map<string, ReturnType<typeof createPaceMeter>>();
  const paceOf = (of: string): ReturnType<typeof createPaceMeter> => {
    const meter = meters.get(of) ?? createPaceMeter();
    meters.set(of, meter);
    return meter;
  };
  return ({ statuses, rebuilds, at }, nowMs) => {
    const stalled = stalledOf(statuses, nowMs);
    const seen = new Map(
      rebuilds.map((rebuild) => [
        rebuild.name,
        seenOf(rebuild, paceOf(`rebuild:${rebuild.id}`), nowMs),
      ]),
    );
    return {
      at,
      head: statuses[0]?.head ?? 0n,
      projections: statuses.map(
        ({ name, version, schema, position, ordinal, worker, ...status }) => {
          const target = ordinal + status.lagEvents;
          const { rate } = paceOf(name)({ position: ordinal, target, events: ordinal }, nowMs);
          const rebuild = seen.get(name);
          return {
            ...{ name, version, schema, position, state: worker.state, parked: status.parked },
            ...{ lagEvents: status.lagEvents, lagSeconds: status.lagSeconds },
            stalled: stalled.has(name),
            rate,
            ...(worker.state === 'failing' ? { error: worker.error } : {}),
            ...(rebuild ? { rebuild } : {}),
          };
        },
      ),
    };
  };
};

const seenOf = (
  rebuild: Rebuild,
  pace: ReturnType<typeof createPaceMeter>,
  nowMs: number,
): RebuildSeen => ({
  state: rebuild.state,
  share: rebuild.target === 0n ? 0 : Math.min(1, Number(rebuild.position) / Number(rebuild.target)),
  ...pace(rebuild, nowMs),
});
