import type { EventStore } from '../../../../src/commands/ports/eventStore.js';
import { createProjectionEngine } from '../../../../src/projections/engine/live/engine.js';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import {
  appendLibrary,
  expectAllDelivered,
  libraryId,
  readDeliveries,
  tallies,
} from '../tallies.js';

describeOnBothLogs('The feed that projections which are up to date share', () => {
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

  it('gives nobody who comes back to it a batch that begins behind where they stand', async () => {
    const { eventStore } = process;
    const held = heldBefore(eventStore, libraryId(3));
    let turn = 0;
    const early = tallies({ name: 'early' });
    const late = tallies({
      name: 'late',
      afterwards: async () => {
        turn += 1;
        if (turn === 1) throw new Error('leaves the feed');
        if (turn > 2) return;
        // While this one catches up to the first event, the feed goes past it and has a batch in hand.
        await appendLibrary(eventStore, 2);
        await eventually('the other is past it', async () => {
          return (await readDeliveries(process.database, 'early')).length === 2;
        });
        await appendLibrary(eventStore, 3);
        await held.reached;
      },
    });
    const engine = createProjectionEngine({
      eventStore: held.eventStore,
      store: process.store,
      projections: [early, late],
      log: testLogger,
    });
    const states = async () => (await engine.status()).map(({ worker }) => worker.state);
    engine.start();
    try {
      await eventually('both are live', async () => {
        return (await states()).every((state) => state === 'live');
      });
      await appendLibrary(eventStore, 1);
      await held.reached;
      await eventually('the late one is back', async () => (await states())[1] === 'live');
      held.release();
      await eventually('both have come to the end', async () => {
        return (await engine.status()).every(({ position, head }) => position === head);
      });
    } finally {
      held.release();
      await engine.stop();
    }
    await expectAllDelivered(process, 'early');
    await expectAllDelivered(process, 'late');
  });
});

/**
 * The store, but what the feed reads is held up from a library on, as it is while the keys of personal text are
 * fetched: a batch that was read is handed over although nobody wants it any more.
 */
const heldBefore = (
  eventStore: EventStore,
  library: string,
): {
  readonly eventStore: EventStore;
  readonly reached: Promise<void>;
  readonly release: () => void;
} => {
  let reach: () => void = () => undefined;
  let release: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    reached,
    release,
    eventStore: {
      ...eventStore,
      subscribeToAll: async function* (options) {
        for await (const batch of eventStore.subscribeToAll(options)) {
          if (
            options.filter === undefined &&
            batch.events.some(({ data }) => data.libraryId === library)
          ) {
            reach();
            await released;
          }
          yield batch;
        }
      },
    },
  };
};
