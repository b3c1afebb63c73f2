import { expect } from 'chai';
import { createBuildSites } from '../../../src/infra/projections/buildSite.js';
import { fallsTo } from '../../../src/projections/engine/fallsTo.js';
import type { BuilderDependencies } from '../../../src/projections/engine/builder.js';
import type { Build } from '../../../src/projections/ports/builds.js';
import type { Projection } from '../../../src/projections/ports/projection.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { openProjectionProcess, type ProjectionProcess } from '../../support/projectionProcess.js';
import {
  dividedTallies,
  dividingBuilder,
  expectWhole,
  gate,
  leftOfShares,
} from './dividedTallies.js';
import { LIBRARIES, RENAMINGS } from './dividedTallies.js';
import { appendLibrary, tallies } from './tallies.js';

const asked = { requestedBy: 'the test' };
/** What the second of two workers has. */
const ofSecond = fallsTo(dividedTallies(), { nth: 1, of: 2 });

describe('The shares of a build', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, []);
    stop = new AbortController();
    running = Promise.resolve();
    for (let nth = 0; nth < LIBRARIES; nth += 1) {
      await appendLibrary(process.eventStore, nth, RENAMINGS);
    }
  });
  afterEach(async () => {
    stop.abort();
    await running.catch(() => undefined);
    await process.close();
    await fresh.drop();
  });

  const work = (
    projections: readonly Projection[],
    options: Partial<BuilderDependencies> = {},
  ): Promise<void> => {
    running = dividingBuilder(process, projections, options).run({ signal: stop.signal });
    running.catch(() => undefined);
    return running;
  };
  const request = (eventsPerSecond?: number) =>
    process.builds.request([{ name: 'tallies', version: 1 }], {
      ...asked,
      ...(eventsPerSecond === undefined ? {} : { eventsPerSecond }),
    });
  const newest = async (name = 'tallies'): Promise<Build> => {
    const build = (await process.builds.list()).find((one) => one.name === name);
    if (!build) throw new Error(`there is no build of ${name}`);
    return build;
  };

  it('are shown as one, with the events of all, and take in together what came meanwhile', async () => {
    const second = gate(ofSecond);
    await request();
    const working = work([dividedTallies({ afterwards: second.pass })]);
    const held = await second.reached;
    try {
      await eventually('the builder has read its own', async () => (await newest()).events > 5n);
      const { state, position, target } = await newest();
      expect(state).to.equal('replaying');
      expect(position < held).to.equal(true);
      expect(await leftOfShares(process.database)).to.deep.equal([{ schema: 'tallies_2_share1' }]);
      expect(target).to.equal(await process.eventStore.headPosition());
      for (const nth of [LIBRARIES, LIBRARIES + 1]) {
        await appendLibrary(process.eventStore, nth, RENAMINGS);
      }
    } finally {
      second.open();
    }
    await working;
    const { state, events } = await newest();
    expect({ state, events }).to.deep.equal({
      state: 'served',
      events: BigInt((LIBRARIES + 2) * (1 + RENAMINGS)),
    });
    await expectWhole(process, LIBRARIES + 2);
  });

  it('are gone with a build that is cancelled, also while its workers are at work', async () => {
    const second = gate(ofSecond);
    await request();
    const working = work([dividedTallies({ afterwards: second.pass })], { saveMs: 0 });
    await second.reached;
    try {
      await process.builds.cancel('tallies');
      await eventually('it is cancelled', async () => (await newest()).state === 'cancelled');
      expect(await leftOfShares(process.database)).to.deep.equal([]);
    } finally {
      second.open();
    }
    await working;
    await request();
    await work([dividedTallies()]);
    await expectWhole(process);
  });

  it('fail together when one does, and leave what is built beside them alone', async () => {
    const failing = dividedTallies({
      afterwards: (events) => {
        if (events.some(ofSecond)) throw new Error('the second cannot');
      },
    });
    await request();
    await process.builds.request([{ name: 'beside', version: 1 }], asked);
    await work([failing, tallies({ name: 'beside' })]);
    expect(await newest()).to.include({ state: 'failed', error: 'the second cannot' });
    expect(await newest('beside')).to.include({ state: 'served' });
    expect(await leftOfShares(process.database)).to.deep.equal([]);
  });

  it('keep the pace that one build is held to, until it is let go', async () => {
    await request(1);
    // At this pace 20 events are all for 20 s.
    const working = work([dividedTallies()], { pageSize: 20 });
    const told = new Set<number>();
    await eventually('the builder has told of it', async () => {
      told.add((await newest()).updatedAt.getTime());
      return told.size > 4;
    });
    const { position, target, events } = await newest();
    expect(position < target).to.equal(true);
    // The first page, of which each has its own.
    expect(Number(events)).to.be.at.most(20);
    await process.builds.throttle('tallies', undefined);
    await working;
    await expectWhole(process);
  });

  it('are not made of short logs, of read models that cannot be divided, or to go back', async () => {
    const sites = createBuildSites(process.database);
    const divided: string[] = [];
    const told = {
      sites: {
        ...sites,
        divide: (...[build, into]: Parameters<typeof sites.divide>) => {
          divided.push(`${build.name} into ${into.of}`);
          return sites.divide(build, into);
        },
      },
    };
    await request();
    const leastDivided = (await process.eventStore.headPosition()) + 1n;
    await work([dividedTallies()], { ...told, leastDivided });
    expect(divided).to.deep.equal([]);
    await request();
    await process.builds.request([{ name: 'beside', version: 1 }], asked);
    await work([dividedTallies(), tallies({ name: 'beside' })], { ...told, workers: 3 });
    expect(divided).to.deep.equal(['tallies into 3']);
    await process.builds.rollBack({ name: 'tallies', version: 1 }, asked);
    await work([dividedTallies()], told);
    expect(divided).to.have.length(1);
    await expectWhole(process);
  });

  it('are not made where somebody else has a schema of that name', async () => {
    const { database } = process;
    await database.query({ text: 'create schema tallies_2_share1' });
    await database.query({ text: 'create table tallies_2_share1.mine (id integer)' });
    await request();
    await work([dividedTallies()]);
    expect(await database.query({ text: 'select * from tallies_2_share1.mine' })).to.deep.equal([]);
    await database.query({ text: 'drop schema tallies_2_share1 cascade' });
    await expectWhole(process);
  });
});
