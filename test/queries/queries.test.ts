import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Type } from 'typebox';
import { mayRead } from '../../src/domain/account/permissions.js';
import type { ChangeNotice, ChangeNotices } from '../../src/queries/ports/changeNotices.js';
import type { ReadModels } from '../../src/queries/ports/readModels.js';
import { createQueries, type Queries } from '../../src/queries/queries.js';
import { query, type Asker } from '../../src/queries/query.js';

const asker = (userId: string): Asker => ({
  userId,
  zone: 'UTC',
  now: new Date('2026-02-07T12:00:00.000Z'),
});
const ann = asker('ann');
const bob = asker('bob');

/** A read model of one number that each test changes at will; reading it can be held up. */
class Counter implements ReadModels {
  value = 0;
  reads = 0;
  hold: Promise<void> | undefined;

  async query<Row extends object>(): Promise<readonly Row[]> {
    this.reads += 1;
    const rows = [{ value: this.value }];
    await this.hold;
    return rows as unknown as readonly Row[];
  }
}

const counterQuery = (audience: 'everyone' | 'personal' = 'everyone') =>
  query({
    name: 'counter',
    parameters: Type.Object({ id: Type.String() }),
    answer: Type.Object({ value: Type.Number() }),
    requires: mayRead,
    audience,
    readModels: ['counters'],
    dependsOn: ({ id }) => [`counter:${id}`],
    variesBy: ({ zone }) => zone,
    read: async (_, __, readModels) => {
      const [row] = await readModels.query<{ value: number }>({ text: 'the counter' });
      return row?.value === -1 ? undefined : row;
    },
  });

describe('Queries', () => {
  const counter = counterQuery();
  let model: Counter;
  let queries: Queries;
  let follower: Parameters<ChangeNotices['follow']>[0];

  const open = (cache?: { entries: number; ttlMs: number }, waitMs = 2_000): Queries =>
    createQueries({
      readModels: { now: () => model },
      notices: {
        follow: (given) => {
          follower = given;
          return () => undefined;
        },
      },
      waitMs,
      ...(cache ? { cache } : {}),
    });

  const notice = (notice: ChangeNotice) => {
    follower.onNotice(notice);
  };

  const valueOf = async (id = '1', options = {}, who = ann, of = counter): Promise<number> => {
    const answer = await queries.ask(of, { id }, who, options);
    return (JSON.parse(answer?.body ?? '') as { value: number }).value;
  };

  /** Holds up reading until released. */
  const holdReads = (): (() => void) => {
    let release: () => void = () => undefined;
    model.hold = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      model.hold = undefined;
      release();
    };
  };

  beforeEach(() => {
    model = new Counter();
    queries = open();
  });

  afterEach(() => {
    queries.close();
  });

  it('read an answer once and give the same bytes and ETag until it changes', async () => {
    const first = await queries.ask(counter, { id: '1' }, ann);
    const second = await queries.ask(counter, { id: '1' }, bob);
    expect(second?.body).to.equal(first?.body);
    expect(first?.etag).to.match(/^"[\w-]+"$/);
    expect(model.reads).to.equal(1);
    model.value = 1;
    queries.reached('counters', 1n, ['counter:1']);
    const third = await queries.ask(counter, { id: '1' }, ann);
    expect(third?.body).to.equal('{"value":1}');
    expect(third?.etag).not.to.equal(first?.etag);
    model.value = 0;
    queries.reached('counters', 2n, ['counter:1']);
    expect((await queries.ask(counter, { id: '1' }, ann))?.etag).to.equal(first?.etag);
  });

  it('keep answers to other parameters, and one person’s from another', async () => {
    await valueOf('1');
    model.value = 2;
    expect(await valueOf('2')).to.equal(2);
    expect(await valueOf('1')).to.equal(0);
    const own = counterQuery('personal');
    expect(await valueOf('3', {}, ann, own)).to.equal(2);
    model.value = 3;
    expect(await valueOf('3', {}, bob, own)).to.equal(3);
    expect(await valueOf('3', {}, ann, own)).to.equal(2);
    expect(await valueOf('3', {}, { ...ann, zone: 'Asia/Tokyo' }, own)).to.equal(3);
  });

  it('never keep that there is no such thing', async () => {
    model.value = -1;
    expect(await queries.ask(counter, { id: '1' }, ann)).to.equal(undefined);
    model.value = 1;
    expect(await valueOf()).to.equal(1);
  });

  it('drop what another process tells has changed, and nothing else', async () => {
    await valueOf('1');
    await valueOf('2');
    model.value = 1;
    notice({ projection: 'counters', position: '5', keys: ['counter:1'] });
    expect(await valueOf('1')).to.equal(1);
    expect(await valueOf('2')).to.equal(0);
  });

  for (const [how, change] of [
    [
      'a notice names the whole read model',
      () => {
        notice({ projection: 'counters', position: '5', keys: ['counters'] });
      },
    ],
    [
      'the engine here names the whole read model',
      () => {
        queries.reached('counters', 5n, ['counters']);
      },
    ],
    [
      'the read model was reset',
      () => {
        notice({ projection: 'counters', reset: true });
      },
    ],
    [
      'notices may have been missed',
      () => {
        follower.onGap();
      },
    ],
  ] as const) {
    it(`drop every answer when ${how}, those being read included`, async () => {
      await valueOf('1');
      const release = holdReads();
      const early = valueOf('2');
      await sleep(0);
      model.value = 1;
      change();
      const late = valueOf('2');
      release();
      expect(await early).to.equal(0);
      expect(await late).to.equal(1);
      expect(await valueOf('1')).to.equal(1);
      expect(await valueOf('2')).to.equal(1);
    });
  }

  it('are read once for all who ask the same at the same time', async () => {
    const release = holdReads();
    const answers = Promise.all([valueOf(), valueOf(), valueOf()]);
    await sleep(0);
    release();
    expect(await answers).to.deep.equal([0, 0, 0]);
    expect(model.reads).to.equal(1);
  });

  it('fail for all who asked together, and work for whoever asks next', async () => {
    let fail: (error: Error) => void = () => undefined;
    model.hold = new Promise((_, reject) => {
      fail = reject;
    });
    const together = Promise.allSettled([valueOf(), valueOf()]);
    await sleep(0);
    fail(new Error('away'));
    expect((await together).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    model.hold = undefined;
    expect(await valueOf()).to.equal(0);
  });

  it('do not keep an answer whose rows changed while it was read', async () => {
    const release = holdReads();
    const early = valueOf();
    await sleep(0);
    model.value = 1;
    queries.reached('counters', 7n, ['counter:1']);
    release();
    expect(await early).to.equal(0);
    expect(await valueOf()).to.equal(1);
  });

  it('do not answer with what was read before a position to whoever asks after it', async () => {
    const release = holdReads();
    const early = valueOf();
    await sleep(0);
    model.value = 1;
    queries.reached('counters', 7n, ['counter:1']);
    const after = valueOf('1', { after: 7n });
    release();
    expect(await after).to.equal(1);
    expect(await early).to.equal(0);
  });

  it('tell the position before they were read, for what is reached meanwhile may not be in them', async () => {
    queries.reached('counters', 3n, []);
    const release = holdReads();
    const early = queries.ask(counter, { id: '1' }, ann);
    await sleep(0);
    model.value = 1;
    queries.reached('counters', 7n, ['counter:1']);
    release();
    expect(await early).to.include({ body: '{"value":0}', position: 3n });
    const next = await queries.ask(counter, { id: '1' }, ann);
    expect(next).to.include({ body: '{"value":1}', position: 7n });
  });

  it('wait for a position until the read model has reached it', async () => {
    await valueOf();
    const waiting = queries.ask(counter, { id: '1' }, ann, { after: 9n });
    await sleep(5);
    model.value = 1;
    notice({ projection: 'counters', position: '8', keys: ['counter:1'] });
    model.value = 2;
    notice({ projection: 'counters', position: '9', keys: ['counter:1'] });
    const answer = await waiting;
    expect(answer?.body).to.equal('{"value":2}');
    expect(answer).to.include({ stale: false, position: 9n });
  });

  it('say that an answer may be stale when the position is not reached in time', async () => {
    queries = open(undefined, 20);
    queries.reached('counters', 3n, []);
    const answer = await queries.ask(counter, { id: '1' }, ann, { after: 4n });
    expect(answer).to.include({ stale: true, position: 3n });
  });

  it('believe what they hear after a gap, though a read model be behind where it was: a crash lost rows', async () => {
    queries = open(undefined, 20);
    queries.reached('counters', 9n, []);
    follower.onGap();
    notice({ projection: 'counters', position: '7', keys: ['counters'] });
    const answer = await queries.ask(counter, { id: '1' }, ann, { after: 8n });
    expect(answer).to.include({ stale: true, position: 7n });
    notice({ projection: 'counters', position: '8', keys: [] });
    const replayed = await queries.ask(counter, { id: '1' }, ann, { after: 8n });
    expect(replayed).to.include({ stale: false, position: 8n });
  });

  it('stop waiting when the client goes away', async () => {
    const client = new AbortController();
    const waiting = queries
      .ask(counter, { id: '1' }, ann, { after: 4n, signal: client.signal })
      .then(
        (answer) => answer?.stale,
        () => true,
      );
    client.abort();
    expect(await waiting).to.equal(true);
  });

  it('forget the answers not asked for longest when there are too many', async () => {
    queries = open({ entries: 2, ttlMs: 60_000 });
    for (const id of ['1', '2', '1', '3']) await valueOf(id);
    expect(model.reads).to.equal(3);
    await valueOf('1');
    expect(model.reads).to.equal(3);
    await valueOf('2');
    expect(model.reads).to.equal(4);
  });

  it('forget answers when their time is over', async () => {
    queries = open({ entries: 10, ttlMs: 20 });
    await valueOf();
    await sleep(40);
    model.value = 1;
    expect(await valueOf()).to.equal(1);
  });
});
