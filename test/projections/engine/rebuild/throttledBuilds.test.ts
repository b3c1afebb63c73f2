import { expect } from 'chai';
import { createBuildSites } from '../../../../src/infra/readModels/rebuild/buildSite.js';
import { createBuildStore } from '../../../../src/infra/readModels/rebuild/buildStore.js';
import { createParkedEvents } from '../../../../src/infra/readModels/parking/parkedEvents.js';
import { createBuilder } from '../../../../src/projections/engine/rebuild/builder.js';
import type { BuildState, BuildStore } from '../../../../src/projections/ports/builds.js';
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

describe('Builds made from one read of the log', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;
  let builds: BuildStore;
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, projections);
    builds = createBuildStore(fresh.database);
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
    running = createBuilder({
      ...{ eventStore, builds, store, projections, log: testLogger },
      sites: createBuildSites(database),
      parking: createParkedEvents(database),
    }).run({ signal: stop.signal });
    running.catch(() => undefined);
  };
  const states = async (): Promise<readonly BuildState[]> =>
    (await builds.list()).map(({ state }) => state);
  /** Waits until each was told of so often. */
  const reports = async (times: number): Promise<void> => {
    const told = new Set<number>();
    await eventually('the builder has told of them', async () => {
      for (const { updatedAt } of await builds.list()) told.add(updatedAt.getTime());
      return told.size > 2 * times;
    });
  };

  it('keep the pace of the slowest, until it is let go', async () => {
    await builds.request([{ name: 'held', version: 1 }], { ...asked, eventsPerSecond: 1 });
    await builds.request([{ name: 'free', version: 1 }], asked);
    work();
    await reports(3);
    expect(await states()).to.deep.equal(['replaying', 'replaying']);
    await builds.throttle('held', undefined);
    await running;
    expect(await states()).to.deep.equal(['served', 'served']);
  });

  it('are not held back by one that was cancelled', async () => {
    await builds.request([{ name: 'held', version: 1 }], { ...asked, eventsPerSecond: 1 });
    await builds.request([{ name: 'free', version: 1 }], asked);
    work();
    await reports(1);
    await builds.cancel('held');
    await running;
    expect((await builds.list()).map(({ name, state }) => [name, state])).to.have.deep.members([
      ['held', 'cancelled'],
      ['free', 'served'],
    ]);
  });
});
