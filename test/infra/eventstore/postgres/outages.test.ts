import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EventStoreError,
  isEventStoreFailure,
  type EventStore,
  type EventToAppend,
} from '../../../../src/commands/ports/eventStore.js';
import { eventually } from '../../../support/run/eventually.js';
import { rejection } from '../../../support/deciders/rejection.js';
import {
  follow,
  idsOf,
  newStream,
  numbered,
  readEverything,
  type Follower,
  type OpenedStore,
} from '../contract/log.js';
import { openPostgresStore, postgresLog, type PostgresLog } from './postgresLog.js';

describe('The PostgreSQL log while the database has trouble', () => {
  let log: PostgresLog;
  let reader: OpenedStore;
  let writer: OpenedStore;
  let follower: Follower;
  let start: bigint;

  before(async () => {
    log = await postgresLog();
  });
  after(() => log.remove());

  beforeEach(async () => {
    reader = log.open();
    writer = log.open();
    start = await reader.store.headPosition();
    follower = follow(reader.store, { after: start });
    await eventually('the follower is there', () => follower.batches.length > 0);
  });

  afterEach(async () => {
    await follower.stop();
    await reader.close();
    await writer.close();
  });

  /** @returns how many connections were ended */
  const terminate = async (where: string): Promise<number> => {
    const rows = await log.database.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and ${where}`,
    });
    return rows.length;
  };

  const listeners = `query ilike 'listen%'`;

  it('events still arrive when the connection that listens is killed', async () => {
    await eventually('it listens', async () => (await terminate(listeners)) > 0);
    const written: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) {
      const events = numbered(2);
      await writer.store.append(newStream(), events, { expectedRevision: 'any' });
      written.push(...idsOf(events));
      await eventually('they arrive', () => follower.events().length === written.length);
      await terminate(listeners);
    }
    expect(idsOf(follower.events())).to.deep.equal(written);
  });

  /** As a caller does that must not lose anything: the same events again until there is an answer. */
  const appendSurely = async (store: EventStore, stream: string, event: EventToAppend) => {
    for (;;) {
      try {
        return await store.append(stream, [event], { expectedRevision: 'any' });
      } catch (error) {
        if (!isEventStoreFailure(error, 'unavailable')) throw error;
        await sleep(5);
      }
    }
  };

  it('appends whose connections are killed are there once when they are tried again', async () => {
    const over = new AbortController();
    let killed = 0;
    const killing = (async () => {
      while (!over.signal.aborted) {
        killed += await terminate(`query ilike '%log.append%'`);
        await sleep(15);
      }
    })();
    const written = await Promise.all(
      Array.from({ length: 6 }, async (_, nth) => {
        const stream = newStream();
        const events = numbered(25);
        for (const event of events) {
          await appendSurely((nth % 2 === 0 ? reader : writer).store, stream, event);
          // However fast the others are.
          if (event === events[12]) await eventually('some are killed', () => killed > 0);
        }
        return { stream, events };
      }),
    );
    over.abort();
    await killing;
    for (const { stream, events } of written) {
      expect(idsOf((await reader.store.readStream(stream)).events)).to.deep.equal(idsOf(events));
    }
    const all = await readEverything(reader.store, { after: start });
    expect(all.map(({ position }) => position - start)).to.deep.equal(
      Array.from({ length: 150 }, (_, nth) => BigInt(nth + 1)),
    );
    await eventually('all are followed', () => follower.events().length >= 150);
    expect(idsOf(follower.events())).to.deep.equal(idsOf(all));
  });

  it('followers whose connections are killed go on where they were', async () => {
    const written: string[] = [];
    for (const event of numbered(20)) {
      await appendSurely(writer.store, newStream(), event);
      written.push(event.id);
      await terminate(`query ilike '%from log.head%'`);
    }
    await eventually('all are followed', () => follower.events().length >= written.length);
    expect(idsOf(follower.events())).to.deep.equal(written);
  });

  describe('when it does not answer', () => {
    /** Holds up everybody who reads or appends until it is released. */
    const holdUp = async (): Promise<() => Promise<void>> => {
      const session = await log.database.session();
      await session.query('begin; lock table log.head, log.events in access exclusive mode');
      return () => session.end();
    };

    it('a caller that leaves is answered at once', async () => {
      const release = await holdUp();
      const leaving = new AbortController();
      const { signal } = leaving;
      const { store } = reader;
      const calls = [
        store.append(newStream(), numbered(1), { expectedRevision: 'any', signal }),
        store.readStream(newStream(), { signal }),
        store.readStream(newStream(), { signal, direction: 'backwards' }),
        store.readAll({ signal }),
        store.headPosition({ signal }),
      ].map((call) => rejection(call, EventStoreError));
      leaving.abort();
      try {
        for (const { failure } of await Promise.all(calls)) {
          expect(failure).to.deep.equal({ kind: 'aborted' });
        }
      } finally {
        await release();
      }
    });

    it('a follower that stops is let go at once', async () => {
      const release = await holdUp();
      const other = follow(writer.store, { after: start });
      try {
        await other.stop();
        await follower.stop();
        expect(other.events()).to.deep.equal([]);
      } finally {
        await release();
      }
    });

    it('an append of a caller that left may be there, and the same again finds out', async () => {
      const release = await holdUp();
      const leaving = new AbortController();
      const stream = newStream();
      const events = numbered(2);
      const left = reader.store.append(stream, events, {
        expectedRevision: 'no-stream',
        signal: leaving.signal,
      });
      await eventually('it waits in the database', async () => {
        const rows = await log.database.query({
          text: `select from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'
                   and query ilike '%log.append%'`,
        });
        return rows.length > 0;
      });
      leaving.abort();
      await rejection(left, EventStoreError);
      await release();
      const again = await reader.store.append(stream, events, { expectedRevision: 'no-stream' });
      expect(again).to.include({ revision: 1n });
      expect((await reader.store.readStream(stream)).events).to.have.length(2);
    });
  });

  it('says that it is unavailable when there is no server', async () => {
    const nowhere = openPostgresStore(
      log.connectionString.replace(/host=[^&]*/, 'host=%2Fnowhere'),
    );
    const { store } = nowhere;
    const calls = [
      store.append(newStream(), numbered(1), { expectedRevision: 'any' }),
      store.readStream(newStream()),
      store.readStream(newStream(), { direction: 'backwards' }),
      store.readAll(),
      store.headPosition(),
    ].map((call) => rejection(call, EventStoreError));
    for (const { failure } of await Promise.all(calls)) {
      expect(failure).to.deep.equal({ kind: 'unavailable' });
    }
    const lonely = follow(store, { after: 0n });
    await sleep(60);
    await lonely.stop();
    expect(lonely.batches).to.deep.equal([]);
    await nowhere.close();
  });
});
