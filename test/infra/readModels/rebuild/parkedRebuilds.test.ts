import { expect } from 'chai';
import { createRebuildStore } from '../../../../src/infra/readModels/rebuild/rebuildStore.js';
import type { Projection } from '../../../../src/projections/ports/projection.js';
import {
  appendLibrary,
  libraryId,
  readDeliveries,
  tallies,
} from '../../../projections/engine/tallies.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';

/** Rows that are served, in which library 2 is missing, and a rebuild of the read model beside them. */
describe('What is parked of a read model', () => {
  let fresh: FreshDatabase;
  let service: ProjectionProcess;
  let poisonous: ReadonlySet<string>;
  let positions: readonly bigint[];

  const poisoned: Projection = tallies({
    afterwards: (events) => {
      if (events.some(({ data }) => poisonous.has(data.libraryId))) throw new Error('no room');
    },
  });

  /** The service itself may have been quicker to begin with it. */
  const rebuild = async (): Promise<void> => {
    await service.rebuilder.run({ signal: AbortSignal.timeout(20_000) });
    await eventually('nothing is under way', async () => {
      return (await service.rebuilds.underWay()).length === 0;
    });
  };
  const request = () =>
    createRebuildStore(service.database).request([poisoned], { requestedBy: 'test' });

  const states = async (): Promise<readonly string[]> =>
    (await service.parked.list({ settled: true })).map(({ state }) => state);
  const served = async (): Promise<string> => {
    const [checkpoint] = await service.store.checkpoints();
    return checkpoint?.schema ?? '';
  };
  const delivered = async () => readDeliveries(service.database, await served());
  const reached = (position: bigint) =>
    eventually(`it reaches ${position}`, async () => {
      return ((await service.engine.status())[0]?.position ?? 0n) >= position;
    });

  beforeEach(async () => {
    fresh = await freshDatabase();
    poisonous = new Set([libraryId(2)]);
    service = await openProjectionProcess(fresh.connectionString, [poisoned], {
      onPoison: () => 'park',
    });
    service.engine.start();
    positions = [];
    for (const nth of [1, 2, 3]) {
      positions = [...positions, await appendLibrary(service.eventStore, nth)];
    }
    await reached(positions[2] ?? 0n);
    expect(await states()).to.deep.equal(['parked']);
  });

  afterEach(async () => {
    await service.close();
    await fresh.drop();
  });

  it('is settled when a rebuild that has it is served, and parked again when that is taken back', async () => {
    const before = await served();
    poisonous = new Set();
    await request();
    await rebuild();
    expect(await states()).to.deep.equal(['rebuilt']);
    expect(await delivered()).to.deep.equal(positions);

    const later = await appendLibrary(service.eventStore, 4);
    await reached(later);
    await createRebuildStore(service.database).rollBack(poisoned, { requestedBy: 'test' });
    await rebuild();
    expect(await served()).to.equal(before);
    expect(await states()).to.deep.equal(['parked']);
    expect(await delivered()).to.deep.equal([positions[0], positions[2], later]);
    const acts = await service.parked.acts(1n);
    expect(acts.map(({ act }) => act)).to.deep.equal(['park', 'rebuild', 'roll-back']);
  });

  it('stops a rebuild, which is not served; what was discarded does not, and is not in its rows', async () => {
    await request();
    await rebuild();
    const [failed] = await createRebuildStore(service.database).list();
    expect(failed).to.include({ state: 'failed' });
    expect(failed?.error).to.include('no room');
    expect(await states()).to.deep.equal(['parked']);

    await service.parked.discard({ id: 1n }, { actor: 'test', reason: 'of no use' });
    await request();
    await rebuild();
    expect(await states()).to.deep.equal(['discarded']);
    expect(await delivered()).to.deep.equal([positions[0], positions[2]]);
    expect(await served()).to.not.equal('tallies');
  });
});
