import { expect } from 'chai';
import { createParkedActs } from '../../../../src/projections/engine/parking/parkedActs.js';
import type { ParkedEvent } from '../../../../src/projections/ports/parking.js';
import type { Projection } from '../../../../src/projections/ports/projection.js';
import {
  databaseLike,
  freshDatabase,
  type FreshDatabase,
} from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { forget } from '../../../support/readModels/rebuilding.js';
import {
  appendLibrary,
  appendUnrelated,
  libraryId,
  readDeliveries,
  readTallies,
  tallies,
} from '../tallies.js';

/** A process that runs tallies which cannot take library 2, and another, beside it, in which they can. */
describe('A parked event', () => {
  let original: FreshDatabase;
  let fresh: FreshDatabase;
  let service: ProjectionProcess;
  let tool: ProjectionProcess;
  let positions: readonly bigint[];
  let parked: ParkedEvent;

  const actsWith = (...projections: readonly Projection[]) =>
    createParkedActs({ eventStore: tool.eventStore, parked: tool.parked, projections });

  const outcomes = async (): Promise<readonly string[]> => {
    const acts = await tool.parked.acts(parked.id);
    return acts.map(({ actor, act, outcome }) => `${actor} ${act} ${outcome}`);
  };

  const reached = (position: bigint) =>
    eventually(`it reaches ${position}`, async () => {
      return ((await service.engine.status())[0]?.position ?? 0n) >= position;
    });

  const poisoned = (): Projection =>
    tallies({
      afterwards: (events) => {
        if (events.some(({ data }) => data.libraryId === libraryId(2))) throw new Error('no room');
      },
    });

  const open = async (): Promise<void> => {
    service = await openProjectionProcess(fresh.connectionString, [poisoned()], {
      onPoison: () => 'park',
    });
    tool = await openProjectionProcess(fresh.connectionString, []);
    service.engine.start();
  };

  const close = async (): Promise<void> => {
    await service.close();
    await tool.close();
  };

  /** To try an event until it is parked takes long: it is done once. */
  before(async () => {
    original = await freshDatabase();
    fresh = original;
    await open();
    positions = [];
    for (const nth of [1, 2, 3]) {
      positions = [...positions, await appendLibrary(service.eventStore, nth)];
    }
    await reached(positions[2] ?? 0n);
    const [first] = await tool.parked.list();
    if (!first) throw new Error('nothing was parked');
    parked = first;
    await close();
  });
  after(() => original.drop());

  beforeEach(async () => {
    fresh = await databaseLike(original);
    await open();
  });
  afterEach(async () => {
    await close();
    await fresh.drop();
  });

  it('is projected late, after those behind it, with the checkpoint where it was', async () => {
    const before = await tool.store.checkpoints();
    expect(await actsWith(tallies()).retry(parked.id, 'test')).to.deep.equal({
      outcome: 'applied',
    });
    expect(await readDeliveries(tool.database)).to.deep.equal([
      ...[positions[0], positions[2], positions[1]],
    ]);
    expect((await tool.store.checkpoints())[0]?.position).to.equal(before[0]?.position);
    expect(await tool.parked.find(parked.id)).to.include({ state: 'applied', attempts: 5 });
    expect(await outcomes()).to.deep.equal(['engine park parked', 'test retry applied']);
    expect((await service.engine.status())[0]?.parked).to.equal(0);
  });

  it('is projected once although many try at the same time, while the worker goes on', async () => {
    const acts = actsWith(tallies());
    const appending = (async () => {
      let head = 0n;
      for (let nth = 10; nth < 40; nth += 1) head = await appendLibrary(service.eventStore, nth);
      return head;
    })();
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, nth) => acts.retry(parked.id, `test ${nth}`)),
    );
    const applied = results.filter(({ outcome }) => outcome === 'applied');
    expect(applied).to.have.length(1);
    for (const result of results) {
      if (result.outcome !== 'applied') {
        expect(result).to.deep.equal({ outcome: 'refused', why: 'not-parked' });
      }
    }
    await reached(await appending);
    const delivered = await readDeliveries(tool.database);
    const { events } = await tool.eventStore.readAll({ maxCount: 1_000 });
    expect([...delivered].sort((a, b) => (a < b ? -1 : 1))).to.deep.equal(
      events.map(({ position }) => position),
    );
    expect((await readTallies(tool.database)).every((tally) => tally.events === 1)).to.equal(true);
  });

  it('stays parked, with one more attempt and nothing written, where it fails again', async () => {
    const acts = actsWith(
      tallies({
        afterwards: () => {
          throw new RangeError('still no room');
        },
      }),
    );
    expect(await acts.retry(parked.id, 'test')).to.deep.equal({
      outcome: 'failed',
      error: 'still no room',
    });
    expect(await tool.parked.find(parked.id)).to.include({
      ...{ state: 'parked', attempts: 5, error: 'still no room' },
    });
    expect(await outcomes()).to.deep.equal(['engine park parked', 'test retry failed']);
    expect(await readDeliveries(tool.database)).to.deep.equal([positions[0], positions[2]]);
  });

  it('is not projected by another version of the read model, nor while that is made anew', async () => {
    expect(await actsWith(tallies({ version: 2 })).retry(parked.id, 'test')).to.deep.equal({
      ...{ outcome: 'refused', why: 'other-version' },
    });
    expect(await actsWith().retry(parked.id, 'test')).to.deep.equal({
      ...{ outcome: 'refused', why: 'not-handled' },
    });
    await service.engine.stop();
    await forget(tool.database, 'tallies');
    await tool.store.prepare(tallies());
    expect(await actsWith(tallies()).retry(parked.id, 'test')).to.deep.equal({
      ...{ outcome: 'refused', why: 'not-reached' },
    });
    expect(await outcomes()).to.deep.equal(['engine park parked']);
  });

  it('is discarded once, with the reason, and not retried any more', async () => {
    const acts = actsWith(tallies());
    const act = { actor: 'test', reason: 'of no use' };
    expect(await acts.discard(parked.id, act)).to.equal('discarded');
    expect(await acts.discard(parked.id, act)).to.equal('not-parked');
    expect(await acts.retry(parked.id, 'test')).to.deep.equal({
      ...{ outcome: 'refused', why: 'not-parked' },
    });
    const shown = await acts.show(parked.id);
    expect(shown?.parked.state).to.equal('discarded');
    expect(shown?.acts.at(-1)).to.include({ actor: 'test', act: 'discard', detail: 'of no use' });
    expect(await tool.parked.discarded('tallies')).to.deep.equal(new Set([parked.event.id]));
  });

  it('is found by its position, and so is one that is to be left out without having been parked', async () => {
    const acts = actsWith(tallies());
    expect(await acts.at('tallies', positions[1] ?? 0n)).to.include({ id: parked.id });
    expect(await acts.at('tallies', positions[0] ?? 0n)).to.equal(undefined);
    const unreadable = await appendUnrelated(tool.log, 9, 0);
    const act = { actor: 'test', reason: 'of no use' };
    const left = await acts.leaveOut('tallies', positions[2] ?? 0n, act);
    expect(left).to.deep.include({ state: 'discarded', attempts: 0 });
    expect(await acts.leaveOut('tallies', unreadable, act)).to.equal('not-handled');
    const beyond = (await tool.eventStore.headPosition()) + 1n;
    expect(await acts.leaveOut('tallies', beyond, act)).to.equal('another-event');
  });

  it('tells everybody what changed when it is projected late', async () => {
    const told: string[] = [];
    const listening = tool.database.listen(['reellog_read_models'], {
      onNotification: (_, payload) => told.push(payload),
      onListening: () => told.push('listening'),
      onLost: () => undefined,
    });
    try {
      await eventually('it listens', () => told.length > 0);
      await actsWith(tallies()).retry(parked.id, 'test');
      await eventually('it is told', () =>
        told.some((payload) => payload.includes(`library:${libraryId(2)}`)),
      );
    } finally {
      await listening.close();
    }
  });
});
