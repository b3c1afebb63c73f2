import { expect } from 'chai';
import {
  mirrorFor,
  MirrorGoneOn,
  writeToMirror,
} from '../../../../src/infra/eventstore/mirror/mirrorTable.js';
import { openDatabase, type Database } from '../../../../src/infra/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import { idsOf, newStream, numbered, readEverything } from '../contract/log.js';
import { doubleLog, type DoubleLog, type OpenedMirrored } from '../eventstoredb/eventStoreDbLog.js';
import { followServer } from '../eventstoredb/followServer.js';
import { mirroredRows } from './mirroredRows.js';

describe('Keeping a mirror', () => {
  let log: DoubleLog;
  let database: Database;
  const opened: OpenedMirrored[] = [];

  beforeEach(async () => {
    log = await doubleLog();
    const { connectionString } = log;
    database = openDatabase({ connectionString, maxConnections: 2, logger: testLogger });
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await database.close();
    await log.remove();
  });

  const open = async (): Promise<OpenedMirrored> => {
    const one = await log.open();
    opened.push(one);
    return one;
  };
  const close = async (one: OpenedMirrored): Promise<void> => {
    opened.splice(opened.indexOf(one), 1);
    await one.close();
  };

  /** The sessions that hold the lease. */
  const holders = async (): Promise<readonly number[]> => {
    const rows = await database.query<{ pid: number }>({
      text: `select pid from pg_locks
             where locktype = 'advisory' and objsubid = 2 and granted
               and objid::bigint = hashtext('mirror_1')::bigint & 4294967295`,
    });
    return rows.map(({ pid }) => pid);
  };
  const newHolder = async (old: number | undefined): Promise<number | undefined> => {
    let pid: number | undefined;
    await eventually('another keeps it', async () => {
      [pid] = await holders();
      return pid !== undefined && pid !== old;
    });
    return pid;
  };
  const append = async ({ store }: OpenedMirrored, amount: number): Promise<readonly string[]> => {
    const events = numbered(amount);
    await store.append(newStream(), events, { expectedRevision: 'no-stream' });
    return idsOf(events);
  };
  const expectWhole = async ({ store }: OpenedMirrored, ids: readonly string[]): Promise<void> => {
    await eventually(
      'it is all there',
      async () => (await mirroredRows(database)).length >= ids.length,
    );
    const rows = await mirroredRows(database);
    expect(rows.map(({ ordinal }) => ordinal)).to.deep.equal(rows.map((_, nth) => BigInt(nth + 1)));
    expect(new Set(rows.map(({ id }) => id))).to.deep.equal(new Set(ids));
    expect(rows).to.have.length(ids.length);
    expect(idsOf(await readEverything(store))).to.deep.equal(rows.map(({ id }) => id));
  };

  it('is done by one of several processes, which make one mirror however close together they start', async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, open));
    expect(await database.query({ text: 'select server from log.mirrors' })).to.have.length(1);
    expect(await holders()).to.have.length(1);
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, nth) => {
        const one = processes[nth % 4];
        return one ? append(one, 1 + (nth % 3)) : Promise.resolve([]);
      }),
    );
    for (const one of processes) await expectWhole(one, ids.flat());
    expect(await holders()).to.have.length(1);
  });

  it('is taken over by another when whoever does it is closed', async () => {
    const first = await open();
    const [old] = await holders();
    const second = await open();
    const ids = [...(await append(first, 3)), ...(await append(second, 3))];
    await close(first);
    ids.push(...(await append(second, 3)));
    await newHolder(old);
    const third = await open();
    ids.push(...(await append(third, 2)));
    await expectWhole(second, ids);
    await expectWhole(third, ids);
  });

  it('is taken over when the session ends that holds the lease, and nothing is there twice', async () => {
    const processes = [await open(), await open(), await open()];
    const ids: string[] = [];
    let [holder] = await holders();
    for (let times = 0; times < 4; times += 1) {
      for (const one of processes) ids.push(...(await append(one, 2)));
      const text = 'select pg_terminate_backend($1)';
      await database.query({ text, values: [holder] });
      for (const one of processes) ids.push(...(await append(one, 2)));
      holder = await newHolder(holder);
    }
    for (const one of processes) await expectWhole(one, ids);
    expect(await holders()).to.have.length(1);
  });

  it('is not done by who has lost the lease and does not know it yet', async () => {
    const server = log.openServer();
    try {
      const mirror = await mirrorFor(database, await server.identify());
      await server.append(newStream(), numbered(3), { expectedRevision: 'no-stream' });
      const seen = followServer(server);
      await eventually('it has caught up', () => seen.isLive());
      await seen.stop();
      const given = { events: seen.given.flatMap(({ events }) => events), reached: seen.reached() };
      expect(await writeToMirror(database, mirror, 0n, given)).to.equal(3n);
      for (const had of [0n, 2n, 4n]) {
        const work = writeToMirror(database, mirror, had, given);
        expect(await work.catch((error: unknown) => error)).to.be.instanceOf(MirrorGoneOn);
      }
      expect(await mirroredRows(database)).to.have.length(3);
    } finally {
      await server.close();
    }
  });
});
