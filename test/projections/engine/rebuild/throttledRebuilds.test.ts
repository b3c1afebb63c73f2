import { expect } from 'chai';
import { createRebuildSites } from '../../../../src/infra/readModels/rebuild/rebuildSite.js';
import { createRebuildStore } from '../../../../src/infra/readModels/rebuild/rebuildStore.js';
import { createParkedEvents } from '../../../../src/infra/readModels/parking/parkedEvents.js';
import { createRebuilder } from '../../../../src/projections/engine/rebuild/rebuilder.js';
import type { RebuildState, RebuildStore } from '../../../../src/projections/ports/rebuildStore.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { appendLibrary, tallies } from '../tallies.js';

const projections = [tallies({ name: 'held' }), tallies({ name: 'free' })];
const asked = { requestedBy: 'the test' };

describe('Rebuilds made from one read of the log', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;
  let rebuilds: RebuildStore;
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, projections);
    rebuilds = createRebuildStore(fresh.database);
    stop = new AbortController();
    await appendLibrary(process.eventStore, 1, 60);
  });
  afterEach(async () => {
    stop.abort();
    await running.catch(() => undefined);
    await process.close();
    await fresh.drop();
  });

  const work = (): void => {
    const { database, eventStore, store } = process;
    running = createRebuilder({
      ...{ eventStore, rebuilds, store, projections, log: testLogger },
      sites: createRebuildSites(database),
      parking: createParkedEvents(database),
    }).run({ signal: stop.signal });
    running.catch(() => undefined);
  };
  const states = async (): Promise<readonly RebuildState[]> =>
    (await rebuilds.list()).map(({ state }) => state);
  /** Waits until each was told of so often. */
  const reports = async (times: number): Promise<void> => {
    const told = new Set<number>();
    await eventually('the rebuilder has told of them', async () => {
      for (const { updatedAt } of await rebuilds.list()) told.add(updatedAt.getTime());
      return told.size > 2 * times;
    });
  };

  it('keep the pace of the slowest, until it is let go', async () => {
    await rebuilds.request([{ name: 'held', version: 1 }], { ...asked, eventsPerSecond: 1 });
    await rebuilds.request([{ name: 'free', version: 1 }], asked);
    work();
    await reports(3);
    expect(await states()).to.deep.equal(['replaying', 'replaying']);
    await rebuilds.throttle('held', undefined);
    await running;
    expect(await states()).to.deep.equal(['served', 'served']);
  });

  it('are not held back by one that was cancelled', async () => {
    await rebuilds.request([{ name: 'held', version: 1 }], { ...asked, eventsPerSecond: 1 });
    await rebuilds.request([{ name: 'free', version: 1 }], asked);
    work();
    await reports(1);
    await rebuilds.cancel('held');
    await running;
    expect((await rebuilds.list()).map(({ name, state }) => [name, state])).to.have.deep.members([
      ['held', 'cancelled'],
      ['free', 'served'],
    ]);
  });
});
