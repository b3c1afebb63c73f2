import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProjectionEngine } from '../../../../src/projections/engine/live/engine.js';
import { createFairShare, sharing } from '../../../../src/infra/readModels/live/fairShare.js';
import { createReadModelStore } from '../../../../src/infra/readModels/live/readModelStore.js';
import { withDomainEvents } from '../../../../src/infra/eventstore/domainEventStore.js';
import { createPersonalKeys } from '../../../../src/infra/eventstore/privacy/personalKeys.js';
import { openDatabase } from '../../../../src/infra/postgres/database.js';
import { appendLibrary, expectAllDelivered, tallies } from '../../../projections/engine/tallies.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { openEventLog } from '../../../support/postgres/eventLog.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';

const NAMES = ['one', 'two', 'three', 'four', 'five'];
const LOOK_MS = 20;

/** A process that keeps read models up to date with others. */
const openProjector = async (connectionString: string) => {
  const database = openDatabase({ connectionString, maxConnections: 5, logger: testLogger });
  const log = await openEventLog(database, connectionString);
  const store = createReadModelStore(database);
  const share = createFairShare(store, {
    ...{ names: NAMES, log: testLogger, lookMs: LOOK_MS, settledMs: 4 * LOOK_MS },
  });
  const eventStore = withDomainEvents(log, { personalKeys: createPersonalKeys(database) });
  const engine = createProjectionEngine({
    ...{ eventStore, store: share.store, log: testLogger },
    projections: NAMES.map((name) => tallies({ name })),
  });
  const shared = sharing(engine, share);
  shared.start();
  return {
    database,
    eventStore,
    /** The read models that it leads. */
    leads: async (): Promise<readonly string[]> =>
      (await engine.status())
        .filter(({ worker }) => worker.state === 'live')
        .map(({ name }) => name),
    close: async () => {
      await shared.stop();
      await store.close();
      await log.close();
      await database.close();
    },
  };
};

type Projector = Awaited<ReturnType<typeof openProjector>>;

describe('Projectors', () => {
  let fresh: FreshDatabase;
  const open: Projector[] = [];

  beforeEach(async () => {
    fresh = await freshDatabase();
  });
  afterEach(async () => {
    for (const projector of open.splice(0)) await projector.close();
    await fresh.drop();
  });

  const begin = async (): Promise<Projector> => {
    const projector = await openProjector(fresh.connectionString);
    open.push(projector);
    return projector;
  };

  /** Until each read model is led by one of them, and they lead so many each. */
  const shared = async (...amounts: readonly number[]): Promise<void> => {
    const sorted = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other);
    const names = [...NAMES].sort().join();
    await eventually(`they lead ${amounts.join(' and ')}`, async () => {
      const now = await Promise.all(open.map((projector) => projector.leads()));
      // Who lost a lease may only hear of it when another has it already.
      const isEachLedOnce = now.flat().sort().join() === names;
      return (
        isEachLedOnce && sorted(now.map(({ length }) => length)).join() === sorted(amounts).join()
      );
    });
  };

  /** Raised whenever a read model changes hands. */
  const generations = async (): Promise<unknown> =>
    fresh.database.query({
      text: 'select name, generation from projections.checkpoints order by name',
    });

  it('share read models fairly, and those left take over from one that stops', async () => {
    await begin();
    await shared(5);
    const second = await begin();
    await shared(3, 2);
    await begin();
    await shared(2, 2, 1);
    open.splice(open.indexOf(second), 1);
    await second.close();
    await shared(3, 2);
  });

  it('leave everything where it is while nobody comes or goes', async () => {
    await begin();
    await begin();
    await shared(3, 2);
    await sleep(10 * LOOK_MS);
    const before = await generations();
    await sleep(20 * LOOK_MS);
    expect(await generations()).to.deep.equal(before);
    await shared(3, 2);
  });

  it('take over from one whose session is cut, which then takes its share again', async () => {
    await begin();
    await begin();
    await shared(3, 2);
    const [cut] = await fresh.database.query<{ pid: number }>({
      text: `select pg_terminate_backend(l.pid), l.pid from pg_locks l
             join pg_database d on d.oid = l.database
             where d.datname = current_database() and l.locktype = 'advisory' limit 1`,
    });
    expect(cut).not.to.equal(undefined);
    await eventually('it is gone', async () => {
      const text = 'select from pg_stat_activity where pid = $1';
      return (await fresh.database.query({ text, values: [cut?.pid] })).length === 0;
    });
    await shared(3, 2);
  });

  it('project every event once, whoever comes and goes meanwhile', async () => {
    const first = await begin();
    let nth = 0;
    const append = async (): Promise<void> => {
      for (let more = 0; more < 20; more += 1) {
        await appendLibrary(first.eventStore, (nth += 1));
        await sleep(2);
      }
    };
    await append();
    const second = await begin();
    await Promise.all([append(), shared(3, 2)]);
    await begin();
    await Promise.all([append(), shared(2, 2, 1)]);
    open.splice(open.indexOf(second), 1);
    await Promise.all([append(), second.close()]);
    await shared(3, 2);
    const head = await first.eventStore.headPosition();
    await eventually('all have seen all', async () => {
      const [row] = await fresh.database.query<{ least: bigint }>({
        text: 'select min(position) as least from projections.checkpoints',
      });
      return row?.least === head;
    });
    for (const name of NAMES) await expectAllDelivered(first, name);
  });
});
