import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../../../src/infra/postgres/database.js';
import { createReadModelStore } from '../../../../src/infra/readModels/live/readModelStore.js';
import type { Lease } from '../../../../src/projections/ports/readModelStore.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { openStallingProxy } from '../../../support/postgres/stallingProxy.js';
import { tallies } from '../../../projections/engine/tallies.js';

/** A busy machine answers later than within some tenths of a second. */
const ANSWER_MS = 1_000;

describe('The store of read models', () => {
  let fresh: FreshDatabase;
  let store: ReturnType<typeof createReadModelStore>;

  beforeEach(async () => {
    fresh = await freshDatabase();
    store = createReadModelStore(fresh.database, { leaseAnswerMs: ANSWER_MS });
  });
  afterEach(async () => {
    await store.close();
    await fresh.drop();
  });

  it('closes although the session of its leases says nothing more', async () => {
    held(await store.tryAcquire('first'));
    const silent = await backend();
    process.kill(silent, 'SIGSTOP');
    try {
      await store.close();
    } finally {
      process.kill(silent, 'SIGCONT');
    }
  });

  it('makes a read model once for those who begin with it at the same time', async () => {
    const other = createReadModelStore(fresh.database);
    for (let nth = 0; nth < 10; nth += 1) {
      const projection = tallies({ name: `tallies_${nth}` });
      const made = await Promise.all([store.prepare(projection), other.prepare(projection)]);
      expect(made.map(({ position }) => position)).to.deep.equal([0n, 0n]);
      expect(new Set(made.map(({ generation }) => generation))).to.deep.equal(new Set([1, 2]));
    }
  });

  /** The server's process that the session of the leases talks to. */
  const backend = async (): Promise<number> => {
    const [row] = await fresh.database.query<{ pid: number }>({
      text: `select l.pid from pg_locks l join pg_database d on d.oid = l.database
             where l.locktype = 'advisory' and d.datname = current_database()`,
    });
    if (!row) throw new Error('nobody leads');
    return row.pid;
  };

  const held = (lease: Lease | undefined): Lease => {
    if (!lease) throw new Error('the lease was not had');
    return lease;
  };

  it('loses its leases, which can be had again, when their session says nothing more', async () => {
    const first = held(await store.tryAcquire('first'));
    const silent = await backend();
    process.kill(silent, 'SIGSTOP');
    try {
      await rejection(store.tryAcquire('second'), Error);
      expect(first.lost.aborted).to.equal(true);
      const second = held(await store.tryAcquire('second'));
      expect(second.lost.aborted).to.equal(false);
      await first.release();
    } finally {
      process.kill(silent, 'SIGCONT');
    }
  });

  it('leads nothing more once it is cut off, so that another can, although nobody hears of its end', async () => {
    const proxy = await openStallingProxy(fresh.connectionString);
    const database = openDatabase({
      ...{ connectionString: proxy.connectionString, maxConnections: 1, logger: testLogger },
    });
    const far = createReadModelStore(database, { leaseAnswerMs: ANSWER_MS });
    try {
      const lease = held(await far.tryAcquire('first'));
      await sleep(2.5 * ANSWER_MS);
      expect(lease.lost.aborted, 'while it is heard of').to.equal(false);
      expect(await store.tryAcquire('first')).to.equal(undefined);
      proxy.stall();
      await eventually(
        'another leads',
        async () => (await store.tryAcquire('first')) !== undefined,
      );
      expect(lease.lost.aborted).to.equal(true);
    } finally {
      await far.close();
      await database.close();
      await proxy.close();
    }
  });
});
