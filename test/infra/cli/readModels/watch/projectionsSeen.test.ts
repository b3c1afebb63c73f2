import { expect } from 'chai';
import { createLooker } from '../../../../../src/infra/cli/readModels/watch/projectionsSeen.js';
import type { ProjectionStatus } from '../../../../../src/projections/engine/live/engine.js';
import { STALLED_MS } from '../../../../../src/projections/engine/live/stalled.js';
import type { Rebuild } from '../../../../../src/projections/ports/rebuildStore.js';

const at = new Date('2026-03-01T12:00:00Z');

const status = (change: Partial<ProjectionStatus> = {}): ProjectionStatus => ({
  ...{ name: 'stats', version: 2, schema: 'stats_2', position: 1_000n },
  ...{ ordinal: 100n, head: 10_000n },
  ...{ lagEvents: 900n, lagSeconds: 7 },
  ...{ worker: { state: 'catching-up' }, here: true, rate: 0, parked: 1 },
  ...change,
});

const rebuild = (change: Partial<Rebuild> = {}): Rebuild => ({
  ...{ id: 1n, name: 'stats', version: 3, schema: 'stats_2', state: 'replaying' },
  ...{ position: 250n, checkpoint: 0n, target: 1_000n, events: 200n, cancelRequested: false },
  ...{ rollsBack: false, requestedBy: 'test', requestedAt: at, updatedAt: at, led: true },
  ...change,
});

describe('Looking at the read models again and again', () => {
  it('tells their rates and those of their rebuilds, and the time left', () => {
    const look = createLooker();
    look({ statuses: [status()], rebuilds: [rebuild()], at }, 0);
    const later = [status({ position: 3_000n, ordinal: 300n, lagEvents: 700n })];
    const rebuilds = [rebuild({ position: 500n, events: 400n })];
    const { head, projections } = look({ statuses: later, rebuilds, at }, 2_000);
    expect(head).to.equal(10_000n);
    expect(projections).to.deep.equal([
      {
        ...{ name: 'stats', version: 2, schema: 'stats_2', state: 'catching-up' },
        ...{ position: 3_000n, rate: 100 },
        ...{ lagEvents: 700n, lagSeconds: 7, parked: 1, stalled: false },
        rebuild: { state: 'replaying', share: 0.5, rate: 100, secondsLeft: 4 },
      },
    ]);
  });

  it('tells why one fails, and which one is stalled', () => {
    const look = createLooker();
    const failing = status({ worker: { state: 'failing', error: 'no room', attempts: 3 } });
    const live = status({ name: 'streaks', position: 10_000n, ordinal: 1_000n, lagEvents: 0n });
    const statuses = [failing, live];
    look({ statuses, rebuilds: [], at }, 0);
    const { projections } = look({ statuses, rebuilds: [], at }, STALLED_MS);
    expect(projections.map(({ name, stalled, error }) => [name, stalled, error])).to.deep.equal([
      ['stats', true, 'no room'],
      ['streaks', false, undefined],
    ]);
  });
});
