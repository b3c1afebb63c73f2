import { expect } from 'chai';
import { createRebuildStore } from '../../../../src/infra/readModels/rebuild/rebuildStore.js';
import { createReadModelStore } from '../../../../src/infra/readModels/live/readModelStore.js';
import {
  rebuildLease,
  CannotRollBack,
  type Rebuild,
  type RebuildStore,
} from '../../../../src/projections/ports/rebuildStore.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { rejection } from '../../../support/deciders/rejection.js';

const stats = { name: 'stats', version: 3 };
const streaks = { name: 'streaks', version: 1 };
const asked = { requestedBy: 'somebody' };
const { signal } = new AbortController();

describe('The store of rebuilds', () => {
  let fresh: FreshDatabase;
  let rebuilds: RebuildStore;
  let leads: ReturnType<typeof createReadModelStore>;

  beforeEach(async () => {
    fresh = await freshDatabase();
    rebuilds = createRebuildStore(fresh.database);
    leads = createReadModelStore(fresh.database);
  });
  afterEach(async () => {
    await leads.close();
    await fresh.drop();
  });

  const only = (some: readonly Rebuild[]): Rebuild => {
    const [rebuild] = some;
    if (!rebuild || some.length > 1) throw new Error(`${some.length} rebuilds instead of one`);
    return rebuild;
  };
  const request = async (wanted = stats) => only(await rebuilds.request([wanted], asked));
  const stateOf = async ({ id }: Rebuild) => (await rebuilds.find(id))?.state;
  const schemaIsThere = async (schema: string): Promise<boolean> => {
    const found = await fresh.database.query({
      text: 'select from pg_namespace where nspname = $1',
      values: [schema],
    });
    return found.length > 0;
  };
  /** What a rebuilder does first. */
  const makeSchema = async ({ schema }: Rebuild): Promise<void> => {
    await fresh.database.query({ text: `create schema ${schema}` });
    await fresh.database.query({ text: `create table ${schema}.rows (id integer)` });
  };
  /** What the swap does to the row of the rebuild that was served until then. */
  const retire = async ({ id }: Rebuild): Promise<void> => {
    await fresh.database.query({
      text: `update projections.builds
             set state = 'retired', checkpoint = 40, position = 40, finished_at = now() where id = $1`,
      values: [id],
    });
  };
  const lease = async (name: string): Promise<() => Promise<void>> => {
    const held = await leads.tryAcquire(rebuildLease(name));
    if (!held) throw new Error('the lease was not had');
    return () => held.release();
  };

  it('keeps what is asked for until somebody builds it', async () => {
    const [one, other] = await rebuilds.request([stats, streaks], {
      ...asked,
      eventsPerSecond: 500,
    });
    expect(one).to.deep.include({
      ...stats,
      ...{ schema: 'stats_2', state: 'waiting', position: 0n, checkpoint: 0n, events: 0n },
      ...{ eventsPerSecond: 500, cancelRequested: false, rollsBack: false, led: false },
      requestedBy: 'somebody',
    });
    expect(other).to.deep.include({ ...streaks, schema: 'streaks_2' });
    expect(await rebuilds.underWay()).to.deep.equal([one, other]);
    expect(await rebuilds.list()).to.deep.equal([other, one]);
  });

  it('leaves a rebuild that is under way as it is when it is asked for again, but takes a new throttle', async () => {
    const first = await request();
    await rebuilds.report([
      { id: first.id, state: 'replaying', position: 20n, target: 90n, events: 20n },
    ]);
    const [again] = await rebuilds.request([stats], { requestedBy: 'another', eventsPerSecond: 7 });
    expect(again).to.deep.include({
      ...{ id: first.id, state: 'replaying', position: 20n, target: 90n, events: 20n },
      ...{ eventsPerSecond: 7, requestedBy: 'somebody' },
    });
    expect(await request()).to.deep.include({ id: first.id, eventsPerSecond: 7 });
  });

  it('makes one rebuild of what many ask for at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => request()));
    expect(new Set(answers.map(({ id }) => id)).size).to.equal(1);
    expect(await rebuilds.list()).to.have.length(1);
  });

  it('never uses a schema twice, nor one that is there already', async () => {
    await fresh.database.query({ text: 'create schema stats_3' });
    const schemas: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) {
      const { id, schema } = await request();
      schemas.push(schema);
      await rebuilds.end(id, { state: 'cancelled' });
    }
    expect(schemas).to.deep.equal(['stats_2', 'stats_4', 'stats_5']);
  });

  it('lets a rebuild of another version give way: at once, or when its builder has heard of it', async () => {
    const old = await request();
    await makeSchema(old);
    const newer = { ...stats, version: 4 };
    const release = await lease('stats');
    expect(await request(newer)).to.deep.include({ id: old.id, version: 3, cancelRequested: true });
    await release();
    const rebuild = await request(newer);
    expect(rebuild).to.deep.include({ version: 4, schema: 'stats_3', cancelRequested: false });
    expect(await stateOf(old)).to.equal('cancelled');
    expect(await schemaIsThere('stats_2')).to.equal(false);
  });

  it('tells whether somebody works on a rebuild', async () => {
    const rebuild = await request();
    await rebuilds.request([streaks], asked);
    const release = await lease('stats');
    const led = async () => (await rebuilds.underWay()).map((one) => [one.name, one.led]);
    expect(await led()).to.deep.equal([
      ['stats', true],
      ['streaks', false],
    ]);
    await rebuilds.end(rebuild.id, { state: 'cancelled' });
    expect(await rebuilds.find(rebuild.id)).to.include({ led: false });
    await release();
  });

  it('tells the rebuilder what was asked of it meanwhile', async () => {
    const { id } = await request();
    const release = await lease('stats');
    const { id: other } = only(await rebuilds.request([streaks], asked));
    const progress = { state: 'replaying', position: 5n, target: 9n, events: 5n } as const;
    const told = [
      { id: other, ...progress, position: 3n },
      { id, ...progress },
    ];
    expect(await rebuilds.report(told)).to.deep.equal([
      { cancelRequested: false },
      { cancelRequested: false },
    ]);
    expect((await rebuilds.find(other))?.position).to.equal(3n);
    expect((await rebuilds.find(id))?.position).to.equal(5n);
    expect((await rebuilds.find(id))?.startedAt).to.be.instanceOf(Date);
    await rebuilds.throttle('stats', 100);
    expect(await rebuilds.report(told)).to.deep.equal([
      { cancelRequested: false },
      { cancelRequested: false, eventsPerSecond: 100 },
    ]);
    await rebuilds.throttle('stats', undefined);
    await rebuilds.cancel('stats');
    expect(await rebuilds.report(told)).to.deep.equal([
      { cancelRequested: false },
      { cancelRequested: true },
    ]);
    await rebuilds.end(id, { state: 'cancelled' });
    expect(await rebuilds.report(told), 'after its end').to.deep.equal([
      { cancelRequested: false },
      { cancelRequested: true },
    ]);
    expect(await rebuilds.report([])).to.deep.equal([]);
    expect(await stateOf({ ...(await request()), id })).to.equal('cancelled');
    await release();
  });

  it('drops the rows of a rebuild that is cancelled or fails, and keeps the error', async () => {
    const cancelled = await request();
    await makeSchema(cancelled);
    expect(await rebuilds.cancel('stats')).to.deep.include({
      id: cancelled.id,
      state: 'cancelled',
    });
    const failed = await request();
    await makeSchema(failed);
    await rebuilds.end(failed.id, { state: 'failed', error: 'no room' });
    expect(await rebuilds.find(failed.id)).to.deep.include({ state: 'failed', error: 'no room' });
    for (const { schema } of [cancelled, failed]) {
      expect(await schemaIsThere(schema), schema).to.equal(false);
    }
    expect(await rebuilds.cancel('stats')).to.equal(undefined);
    expect(await rebuilds.throttle('stats', 5)).to.equal(undefined);
  });

  it('ends a rebuild once: what ended stays as it is', async () => {
    const rebuild = await request();
    await retire(rebuild);
    await makeSchema(rebuild);
    await rebuilds.end(rebuild.id, { state: 'failed', error: 'too late' });
    expect(await stateOf(rebuild)).to.equal('retired');
    expect(await schemaIsThere(rebuild.schema)).to.equal(true);
  });

  it('makes the retired rebuild catch up to be served again', async () => {
    const retired = await request();
    await retire(retired);
    const back = await rebuilds.rollBack(stats, { requestedBy: 'the one who regrets' });
    expect(back).to.deep.include({
      ...{ id: retired.id, state: 'catching-up', rollsBack: true, position: 40n, checkpoint: 40n },
      requestedBy: 'the one who regrets',
    });
    expect(back.finishedAt).to.equal(undefined);
    expect((await rebuilds.underWay()).map(({ id }) => id)).to.deep.equal([retired.id]);
  });

  it('keeps the retired rebuild as it was when going back to it is cancelled or fails', async () => {
    const retired = await request();
    await makeSchema(retired);
    await retire(retired);
    await rebuilds.rollBack(stats, asked);
    await rebuilds.cancel('stats');
    expect(await stateOf(retired)).to.equal('retired');
    await rebuilds.rollBack(stats, asked);
    await rebuilds.end(retired.id, { state: 'failed', error: 'no room' });
    expect(await rebuilds.find(retired.id)).to.deep.include({
      ...{ state: 'retired', error: 'no room', rollsBack: false },
    });
    expect(await schemaIsThere(retired.schema)).to.equal(true);
  });

  it('refuses to go back where there is nothing, while a rebuild is under way, and to another version', async () => {
    const refusal = async (wanted = stats) =>
      (await rejection(rebuilds.rollBack(wanted, asked), CannotRollBack)).message;
    expect(await refusal()).to.match(/nothing to go back to/);
    const retired = await request();
    await retire(retired);
    expect(await refusal({ ...stats, version: 4 })).to.match(/of version 3.*version 4/);
    await request();
    expect(await refusal()).to.match(/under way/);
    expect(await stateOf(retired)).to.equal('retired');
  });

  it('drops the rows of the retired rebuild, and of no other', async () => {
    const retired = await request();
    await makeSchema(retired);
    await retire(retired);
    const next = await request();
    await makeSchema(next);
    expect((await rebuilds.drop('stats')).map(({ id, state }) => [id, state])).to.deep.equal([
      [retired.id, 'dropped'],
    ]);
    expect(await schemaIsThere(retired.schema)).to.equal(false);
    expect(await schemaIsThere(next.schema)).to.equal(true);
    expect(await rebuilds.drop('stats')).to.deep.equal([]);
  });

  it('drops the rows of what was retired long enough ago, whatever read model it is of', async () => {
    const [outlived, younger] = await rebuilds.request([stats, streaks], asked);
    if (!outlived || !younger) throw new Error('not two rebuilds');
    for (const rebuild of [outlived, younger]) {
      await makeSchema(rebuild);
      await retire(rebuild);
    }
    const ages = [
      [outlived.id, '7 days 1 minute'],
      [younger.id, '6 days 23 hours'],
    ];
    for (const values of ages) {
      const text = 'update projections.builds set updated_at = now() - $2::interval where id = $1';
      await fresh.database.query({ text, values });
    }
    const served = await request();
    await makeSchema(served);
    const dropped = await rebuilds.dropOutlived(7, signal);
    expect(dropped.map(({ id, state }) => [id, state])).to.deep.equal([[outlived.id, 'dropped']]);
    expect(await schemaIsThere(outlived.schema)).to.equal(false);
    expect(await schemaIsThere(younger.schema)).to.equal(true);
    expect(await schemaIsThere(served.schema)).to.equal(true);
    expect(await stateOf(younger)).to.equal('retired');
    expect(await rebuilds.dropOutlived(7, signal)).to.deep.equal([]);
  });

  it('drops what a rebuilder that had lost the lease made for a rebuild that was over', async () => {
    const [cancelled, failed] = await rebuilds.request([stats, streaks], asked);
    if (!cancelled || !failed) throw new Error('not two rebuilds');
    await rebuilds.cancel('stats');
    await rebuilds.end(failed.id, { state: 'failed', error: 'no room' });
    await makeSchema(cancelled);
    await makeSchema(failed);
    const current = await request();
    await makeSchema(current);
    const dropped = await rebuilds.dropOutlived(7, signal);
    expect(dropped.map(({ schema }) => schema)).to.deep.equal([cancelled.schema, failed.schema]);
    expect(await schemaIsThere(cancelled.schema)).to.equal(false);
    expect(await schemaIsThere(failed.schema)).to.equal(false);
    expect(await schemaIsThere(current.schema)).to.equal(true);
    expect(await stateOf(failed)).to.equal('failed');
  });

  it('tells whoever follows of what is asked for anywhere', async () => {
    let told = 0;
    const following = rebuilds.follow(() => (told += 1));
    /** What is told once for it comes after what was told before. */
    const tells = async (what: string, act: () => Promise<unknown>) => {
      const before = told;
      await act();
      await eventually(`is told: ${what}`, () => told > before);
    };
    try {
      await eventually('listens', () => told === 1);
      await tells('a request', () => request());
      await tells('a throttle', () => rebuilds.throttle('stats', 10));
      await tells('a cancellation', () => rebuilds.cancel('stats'));
      const rebuild = await request();
      await eventually('is told of the second request', () => told >= 5);
      await retire(rebuild);
      await tells('a roll-back', () => rebuilds.rollBack(stats, asked));
    } finally {
      await following.close();
    }
  });

  it('tells whoever follows that a rebuild was let go once it can be led by another', async () => {
    await request();
    const held = await leads.tryAcquire(rebuildLease('stats'));
    if (!held) throw new Error('the lease was not had');
    let isHeld = true;
    let isListening = false;
    const following = rebuilds.follow(() => {
      isListening = true;
      void rebuilds.underWay().then((found) => {
        isHeld = only(found).led;
      });
    });
    try {
      await eventually('listens', () => isListening);
      await rebuilds.release(held);
      await eventually('sees that nobody leads it', () => !isHeld);
    } finally {
      await following.close();
    }
  });
});
