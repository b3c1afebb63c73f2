import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { freshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { rejection } from '../../../support/deciders/rejection.js';
import {
  anEvent,
  follow,
  idsOf,
  newStream,
  numbered,
  readEverything,
  type Follower,
  type OpenedStore,
} from '../contract/log.js';
import { postgresLog, type PostgresLog } from './postgresLog.js';

describe('The order of commits in the PostgreSQL log', () => {
  let log: PostgresLog;
  let opened: OpenedStore;
  let follower: Follower;
  const sessions: pg.Client[] = [];

  before(async () => {
    log = await postgresLog();
  });
  after(() => log.remove());

  beforeEach(async () => {
    opened = log.open();
    follower = follow(opened.store, { after: await opened.store.headPosition() });
    await eventually('the follower is there', () => follower.batches.length > 0);
  });

  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.end();
    await follower.stop();
    await opened.close();
  });

  /** A writer whose transaction the test commits when it likes. */
  const writer = async (): Promise<pg.Client> => {
    const session = await log.database.session();
    sessions.push(session);
    await session.query('begin');
    return session;
  };

  const appendIn = async (session: pg.Client, how: 'append' | 'append_alone'): Promise<string> => {
    const stream = newStream();
    const { id: i, type: t, data: d, metadata: m } = anEvent();
    const event = JSON.stringify([{ s: stream, x: -1, i, t, d, m }]);
    if (how === 'append') await session.query('select * from log.append($1, $2)', [event, [1]]);
    else await session.query('select * from log.append_alone($1, -1, $2)', [stream, event]);
    return i;
  };

  const backendsWaiting = async (): Promise<number> => {
    const rows = await log.database.query({
      text: `select from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'`,
    });
    return rows.length;
  };

  const followed = (amount: number) =>
    eventually(`${amount} events are followed`, () => follower.events().length === amount);

  for (const how of ['append', 'append_alone'] as const) {
    it(`a writer with a later position waits for one with an earlier: no reader skips (${how})`, async () => {
      const { store } = opened;
      const start = await store.headPosition();
      const slow = await writer();
      const first = await appendIn(slow, how);
      const events = numbered(2);
      const append = store.append(newStream(), events, { expectedRevision: 'any' });
      await eventually('the second writer waits', async () => (await backendsWaiting()) === 1);
      expect(await readEverything(store, { after: start })).to.deep.equal([]);
      expect(follower.events()).to.deep.equal([]);

      await slow.query('commit');
      const { position } = await append;
      expect(position).to.equal(start + 3n);
      await followed(3);
      for (const seen of [follower.events(), await readEverything(store, { after: start })]) {
        expect(idsOf(seen)).to.deep.equal([first, ...idsOf(events)]);
        expect(seen.map((event) => event.position)).to.deep.equal(
          [1n, 2n, 3n].map((n) => start + n),
        );
      }
    });

    it(`a writer that rolls back leaves no gap (${how})`, async () => {
      const { store } = opened;
      const start = await store.headPosition();
      const slow = await writer();
      await appendIn(slow, how);
      const events = numbered(1);
      const append = store.append(newStream(), events, { expectedRevision: 'any' });
      await eventually('the second writer waits', async () => (await backendsWaiting()) === 1);
      await slow.query('rollback');
      expect((await append).position).to.equal(start + 1n);
      await followed(1);
      expect(idsOf(follower.events())).to.deep.equal(idsOf(events));
    });
  }

  it('a transaction that began first and appends last comes last', async () => {
    const { store } = opened;
    const old = await writer();
    // Gives it a transaction id that is smaller than that of everything below.
    await old.query('select pg_current_xact_id()');
    const events = numbered(3);
    await store.append(newStream(), events, { expectedRevision: 'any' });
    await followed(3);
    const last = await appendIn(old, 'append');
    await old.query('commit');
    await followed(4);
    expect(idsOf(follower.events())).to.deep.equal([...idsOf(events), last]);
  });

  it('many adapters that append while readers follow hand out each position once', async () => {
    const others = Array.from({ length: 3 }, () => log.open());
    const { store } = opened;
    const start = await store.headPosition();
    const results = await Promise.all(
      Array.from({ length: 90 }, (_, nth) =>
        (others[nth % 3] ?? opened).store.append(newStream(), numbered(1 + (nth % 2)), {
          expectedRevision: 'no-stream',
        }),
      ),
    );
    await followed(135);
    expect(new Set(results.map(({ position }) => position)).size).to.equal(90);
    expect(follower.events().map(({ position }) => position - start)).to.deep.equal(
      Array.from({ length: 135 }, (_, nth) => BigInt(nth + 1)),
    );
    for (const other of others) await other.close();
  });

  it('a transaction left open in another database of the server holds up nobody', async () => {
    const elsewhere = await freshDatabase();
    const session = await elsewhere.database.session();
    await session.query('begin; create table left_open (); select pg_current_xact_id();');
    try {
      const events = numbered(2);
      const { store } = opened;
      const { position } = await store.append(newStream(), events, { expectedRevision: 'any' });
      await followed(2);
      const page = await store.readAll({ after: position - 2n });
      expect(idsOf(page.events)).to.deep.equal(idsOf(events));
      expect(page.end).to.equal(true);
    } finally {
      await session.end();
      await elsewhere.drop();
    }
  });

  it('an open transaction that reads and writes other tables of the same database holds up nobody', async () => {
    const session = await writer();
    await session.query('select count(*) from log.events');
    await session.query(`insert into personal_keys (user_id, key) values ($1, '')`, [randomUUID()]);
    const events = numbered(2);
    await opened.store.append(newStream(), events, { expectedRevision: 'any' });
    await followed(2);
  });

  it('time in the log never goes back', async () => {
    await log.database.query({
      text: `update log.head set recorded_at = now() + interval '1 hour'`,
    });
    const { store } = opened;
    const start = await store.headPosition();
    await store.append(newStream(), numbered(1), { expectedRevision: 'any' });
    await Promise.all([
      store.append(newStream(), numbered(1), { expectedRevision: 'any' }),
      store.append(newStream(), numbered(1), { expectedRevision: 'any' }),
    ]);
    const times = (await readEverything(store, { after: start })).map(({ recordedAt }) =>
      recordedAt.getTime(),
    );
    expect(times).to.have.length(3);
    expect(Math.min(...times)).to.be.greaterThan(Date.now());
  });

  describe('appends that go out together', () => {
    it('succeed and fail each by itself', async () => {
      const { store } = opened;
      const taken = newStream();
      await store.append(taken, numbered(1), { expectedRevision: 'no-stream' });
      const known = numbered(1);
      const first = await store.append(newStream(), known, { expectedRevision: 'any' });
      const streams = [newStream(), newStream()] as const;
      const [one, again, wrong, foreign, two] = await Promise.allSettled([
        store.append(streams[0], numbered(2), { expectedRevision: 'no-stream' }),
        store.append(
          (await store.readAll({ after: first.position - 1n })).events[0]?.stream ?? '',
          known,
          {
            expectedRevision: 'no-stream',
          },
        ),
        store.append(taken, numbered(1), { expectedRevision: 'no-stream' }),
        store.append(newStream(), known, { expectedRevision: 'any' }),
        store.append(streams[1], numbered(1), { expectedRevision: 'no-stream' }),
      ]);
      expect(one).to.deep.nested.include({ status: 'fulfilled', 'value.revision': 1n });
      expect(again).to.deep.equal({ status: 'fulfilled', value: first });
      expect(wrong).to.nested.include({ 'reason.failure.kind': 'wrong-expected-revision' });
      expect(foreign).to.nested.include({ 'reason.failure.kind': 'event-id-taken' });
      expect(two).to.deep.nested.include({ status: 'fulfilled', 'value.revision': 0n });
      for (const stream of streams) {
        expect((await store.readStream(stream)).events).to.have.length(
          stream === streams[0] ? 2 : 1,
        );
      }
    });

    it('are not spoiled by one that PostgreSQL cannot store', async () => {
      const { store } = opened;
      const settled = await Promise.allSettled([
        store.append(newStream(), numbered(1), { expectedRevision: 'any' }),
        store.append(newStream(), [anEvent('ThingNoted', { text: 'a\u0000b' })], {
          expectedRevision: 'any',
        }),
        store.append('with a \u0000', numbered(1), { expectedRevision: 'any' }),
        store.append(newStream(), [{ ...anEvent(), id: 'not a UUID' }], {
          expectedRevision: 'any',
        }),
        store.append(newStream(), numbered(1), { expectedRevision: 'any' }),
      ]);
      expect(settled.map(({ status }) => status)).to.deep.equal([
        'fulfilled',
        'rejected',
        'rejected',
        'rejected',
        'fulfilled',
      ]);
      for (const each of settled.filter(({ status }) => status === 'rejected')) {
        expect(each).to.nested.include({ 'reason.failure.kind': 'invalid-event' });
      }
    });

    it('go to one stream in the order in which they were handed in', async () => {
      const stream = newStream();
      const events = numbered(30);
      await Promise.all(
        events.map((event) => opened.store.append(stream, [event], { expectedRevision: 'any' })),
      );
      expect(idsOf((await opened.store.readStream(stream)).events)).to.deep.equal(idsOf(events));
    });

    it('append an id that two of them have once', async () => {
      const event = anEvent();
      const settled = await Promise.allSettled([
        opened.store.append(newStream(), [event], { expectedRevision: 'any' }),
        opened.store.append(newStream(), [event], { expectedRevision: 'any' }),
        opened.store.append(newStream(), numbered(1), { expectedRevision: 'any' }),
      ]);
      expect(settled.map(({ status }) => status)).to.deep.equal([
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
    });
  });

  it('refuses ids that are known in part, or twice in one append', async () => {
    const stream = newStream();
    const [event = anEvent(), other = anEvent()] = numbered(2);
    await opened.store.append(stream, [event], { expectedRevision: 'no-stream' });
    for (const [kind, events] of [
      ['event-id-taken', [event, other]],
      ['invalid-event', [other, other]],
    ] as const) {
      const work = opened.store.append(stream, events, { expectedRevision: 'any' });
      expect((await rejection(work, EventStoreError)).failure.kind).to.equal(kind);
    }
    expect((await opened.store.readStream(stream)).events).to.have.length(1);
  });
});
