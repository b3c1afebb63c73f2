import type {
  ProjectionSeen,
  Seen,
} from '../../../../../src/infra/cli/readModels/watch/projectionsSeen.js';

/** A read model that is where it should be, but for what a test says. */
export const projectionSeen = (change: Partial<ProjectionSeen> = {}): ProjectionSeen => ({
  ...{
    name: 'stats',
    version: 1,
    schema: change.name ?? 'stats',
    state: 'live',
    position: 1_200n,
    rate: 0,
  },
  ...{ lagEvents: 0n, lagSeconds: 0, parked: 0, stalled: false },
  ...change,
});

export const seenOf = (...projections: readonly ProjectionSeen[]): Seen => ({
  ...{ at: new Date('2026-03-01T12:00:00Z'), head: 1_200n, projections },
});
