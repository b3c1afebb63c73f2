import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { openDatabase, type Database } from '../../../../src/infra/postgres/database.js';
import { expected } from '../../../support/eventstoredb/log/commits/commitCheck.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import { anEvent, idsOf, newStream, numbered, readEverything } from '../contract/log.js';
import { doubleLog, type DoubleLog, type OpenedMirrored } from '../eventstoredb/eventStoreDbLog.js';
import { mirroredRows } from './mirroredRows.js';

const always = Number.POSITIVE_INFINITY;

describe('A mirror of EventStoreDB', () => {
  let log: DoubleLog;
  let database: Database;
  let opened: OpenedMirrored;
  let client: EventStoreDBClient;

  const prepare = async (streamPrefix = ''): Promise<void> => {
    log = await doubleLog({}, streamPrefix);
    const { connectionString } = log;
    database = openDatabase({ connectionString, maxConnections: 2, logger: testLogger });
    client = EventStoreDBClient.connectionString(log.double.connectionString);
    opened = await log.open();
  };
  afterEach(async () => {
    await client.dispose();
    await opened.close();
    await database.close();
    await log.remove();
  });

  const append = async (amount: number, stream = newStream()): Promise<readonly string[]> => {
    const events = numbered(amount);
    await opened.store.append(stream, events, { expectedRevision: 'any' });
    return idsOf(events);
  };
  const others = (amount: number): Promise<unknown> =>
    client.appendToStream(
      `others-${randomUUID()}`,
      Array.from({ length: amount }, () => jsonEvent({ type: 'SomethingElse', data: {} })),
    );
  const restart = async (meanwhile: () => Promise<unknown> = () => Promise.resolve()) => {
    await opened.close();
    await meanwhile();
    opened = await log.open();
    const last = BigInt(log.double.log.lastPosition());
    await eventually('it has looked at everything', () => {
      const { commit = 0n } = opened.store.mirror.state().reached ?? {};
      return commit >= last;
    });
  };
  const counted = async (work: () => Promise<unknown>): Promise<number> => {
    const answers = log.double.faults.inject({
      ...{ at: 'answer', method: 'Read', times: always },
      effect: { kind: 'delay', milliseconds: 0 },
    });
    await work();
    answers.remove();
    return answers.struck;
  };

  for (const prefix of ['', 'ours.']) {
    it(`has each event as the server gave it, and counts them${prefix && ', beside others’'}`, async () => {
      await prepare(prefix);
      const { store } = opened;
      const [one, two] = [newStream(), newStream()];
      const data = { text: 'é\u0000\ud800"\\ 🎬', 10: 'ten', 9: null, n: [-0, 1e21, 0.1], o: {} };
      const { metadata } = anEvent();
      const event = { ...anEvent('ThingNoted', data), metadata: { ...metadata, userId: 'who' } };
      await store.append(one, [event, ...numbered(2)], { expectedRevision: 'no-stream' });
      if (prefix !== '') await others(3);
      await store.append(two, numbered(4, 'ThingCounted'), { expectedRevision: 'no-stream' });
      if (prefix !== '') await others(40);
      await store.append(one, numbered(1), { expectedRevision: 2n });
      const head = await store.headPosition();
      const server = log.openServer();
      const [firsts, seconds] = [await server.readStream(one), await server.readStream(two)];
      await server.close();
      const wanted = [...firsts.events, ...seconds.events]
        .sort((a, b) => (a.position < b.position ? -1 : 1))
        .map(({ recordedAt, ...rest }, nth) => ({
          ...{ ...rest, ordinal: BigInt(nth + 1), recorded_at: recordedAt },
        }));
      expect(wanted).to.have.length(8);
      expect(await mirroredRows(database)).to.deep.equal(wanted);
      const [state] = await database.query({
        text: 'select ordinal, position, event_id from mirror_1.head',
      });
      const last = wanted.at(-1);
      expect(state).to.deep.equal({ ordinal: 8n, position: head, event_id: last?.id });
    });
  }

  it('goes on where it was, in the log of a server that is full of others’ events', async () => {
    await prepare();
    const ids = [...(await append(5))];
    // They have no prefix that the server could tell them by.
    const first = await counted(() =>
      restart(async () => {
        for (let times = 0; times < 4; times += 1) await others(500);
      }),
    );
    expect(first, 'what came meanwhile is read once').to.be.within(2_000, 2_200);
    expect(await counted(() => restart()), 'and not again').to.be.below(50);
    ids.push(...(await append(3)));
    expect(await counted(() => restart()), 'nor what is in the mirror').to.be.below(50);
    ids.push(...(await append(1)));
    expect(idsOf(await readEverything(opened.store))).to.deep.equal(ids);
  });

  it('remembers how far the server has looked, over others’ events that it leaves out itself', async () => {
    await prepare('ours.');
    const ids = [...(await append(5))];
    const { commit: before = 0n } = opened.store.mirror.state().reached ?? {};
    await restart(async () => {
      for (let times = 0; times < 4; times += 1) await others(2_000);
    });
    const { commit: behind = 0n } = opened.store.mirror.state().reached ?? {};
    expect(behind > before).to.equal(true);
    ids.push(...(await append(3)));
    await restart(() => others(40));
    ids.push(...(await append(1)));
    expect(idsOf(await readEverything(opened.store))).to.deep.equal(ids);
  });

  it('leaves out what says that it is JSON and is none, and goes on', async () => {
    await prepare();
    const ids = [...(await append(2))];
    const { metadata } = anEvent();
    const { correlationId: $correlationId, causationId: $causationId, ...others } = metadata;
    const broken = [
      '',
      '{"half":',
      '{}\u001f{}',
      '{"text":"\u0000"}',
      '[1]',
      '{} {}',
      '{"\ud800":',
    ];
    for (const data of broken) {
      log.double.log.append(newStream(), expected.noStream, [
        {
          ...{ id: randomUUID(), type: 'ThingNoted', isJson: true, data: Buffer.from(data) },
          metadata: Buffer.from(JSON.stringify({ $correlationId, $causationId, ...others })),
        },
      ]);
    }
    ids.push(...(await append(1)));
    await restart();
    ids.push(...(await append(1)));
    expect(idsOf(await readEverything(opened.store))).to.deep.equal(ids);
    const rows = await mirroredRows(database);
    expect(rows.map(({ ordinal }) => ordinal)).to.deep.equal([1n, 2n, 3n, 4n]);
  });

  it('is never changed: what is in it stays as it is', async () => {
    await prepare();
    await append(3);
    await opened.store.headPosition();
    const rows = await mirroredRows(database);
    for (const text of [
      `update mirror_1.events set data = '{}' where ordinal = 2`,
      'delete from mirror_1.events where ordinal = 3',
      'truncate mirror_1.events',
    ]) {
      const work = database.query({ text });
      expect(await work.catch((error: unknown) => error), text).to.be.instanceOf(Error);
    }
    expect(await mirroredRows(database)).to.deep.equal(rows);
  });

  it('loses nothing when the server drops it as too slow, at any burst', async () => {
    await prepare();
    const ids: string[] = [];
    for (let times = 0; times < 8; times += 1) {
      const dropped = log.double.faults.inject({
        ...{ at: 'answer', method: 'Read', skip: 2 + times * 3 },
        effect: {
          kind: 'status',
          status: {
            code: status.ABORTED,
            details:
              'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
          },
        },
      });
      const bursts = await Promise.all(Array.from({ length: 10 }, () => append(7)));
      ids.push(...bursts.flat());
      await opened.store.headPosition();
      await eventually('it was dropped', async () => {
        if (dropped.struck === 0) ids.push(...(await append(1)));
        return dropped.struck === 1;
      });
      dropped.remove();
    }
    const read = idsOf(await readEverything(opened.store));
    expect(new Set(read)).to.deep.equal(new Set(ids));
    expect(read).to.have.length(ids.length);
  });
});
