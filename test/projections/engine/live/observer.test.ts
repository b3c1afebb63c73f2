import { expect } from 'chai';
import { createProjectionEngine } from '../../../../src/projections/engine/live/engine.js';
import type { EngineObserver } from '../../../../src/projections/ports/engineObserver.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { appendLibrary, appendUnrelated, expectAllDelivered, tallies } from '../tallies.js';

describe('Who looks on at the projection engine', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;

  beforeEach(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, []);
  });

  afterEach(async () => {
    await process.close();
    await fresh.drop();
  });

  it('sees every event that a read model wants, how its batch ended, and that it is tried again', async () => {
    const { eventStore, store } = process;
    let failures = 2;
    const projection = tallies({
      afterwards: () => {
        if (failures-- > 0) throw new Error('not yet');
      },
    });
    const positions: bigint[] = [];
    const ends: string[] = [];
    const failed: string[] = [];
    const observer: EngineObserver = {
      batch: async (batch, work) => {
        try {
          const result = await work();
          ends.push('done');
          positions.push(...batch.events.map(({ position }) => position));
          return result;
        } catch (error) {
          ends.push('failed');
          throw error;
        }
      },
      failed: (name) => failed.push(name),
    };
    await appendLibrary(eventStore, 1, 3);
    const engine = createProjectionEngine({
      ...{ eventStore, store, observer, projections: [projection], log: testLogger },
    });
    try {
      engine.start();
      await eventually('the first events are there', () => Promise.resolve(positions.length === 4));
      await appendUnrelated(eventStore, 1);
      const head = await appendLibrary(eventStore, 2);
      await eventually('all events are there', () => Promise.resolve(positions.includes(head)));
    } finally {
      await engine.stop();
    }
    const { events } = await eventStore.readAll({ filter: { types: projection.handles } });
    expect(positions).to.deep.equal(events.map(({ position }) => position));
    expect(ends.slice(0, 3)).to.deep.equal(['failed', 'failed', 'done']);
    expect(ends.slice(3)).to.not.include('failed');
    expect(failed).to.deep.equal(['tallies', 'tallies']);
    await expectAllDelivered(process);
  });
});
