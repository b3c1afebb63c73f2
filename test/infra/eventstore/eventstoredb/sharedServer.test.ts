import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogBatch } from '../../../../src/commands/ports/eventStore.js';
import { eventually } from '../../../support/eventually.js';
import { anEvent, follow, idsOf, newStream, numbered, readEverything } from '../contract/log.js';
import {
  doubleLog,
  openEventStoreDb,
  type DoubleLog,
  type OpenedEventStoreDb,
} from './eventStoreDbLog.js';

describe('An EventStoreDB with more in it than the log', () => {
  let log: DoubleLog;
  let opened: OpenedEventStoreDb;
  let client: EventStoreDBClient;

  before(async () => {
    log = await doubleLog({}, 'ours.');
    opened = log.open();
    client = EventStoreDBClient.connectionString(log.double.connectionString);
  });

  after(async () => {
    await client.dispose();
    await opened.close();
    await log.remove();
  });

  const others = (amount: number): Promise<unknown> =>
    client.appendToStream(
      `others-${randomUUID()}`,
      Array.from({ length: amount }, () => jsonEvent({ type: 'SomethingElse', data: {} })),
    );

  it('moves its readers over long stretches without an event of theirs', async () => {
    const { store } = opened;
    const first = numbered(2);
    const stream = newStream();
    const { position: after } = await store.append(stream, first, {
      expectedRevision: 'no-stream',
    });
    // More than one read of all events examines.
    for (let times = 0; times < 3; times += 1) await others(7_000);
    const seen = follow(store, { after: 0n });
    try {
      const head = await store.headPosition();
      const end = BigInt(log.double.log.lastPosition());
      await eventually('the checkpoint is far behind the last event', () =>
        seen.batches.some(({ position }) => position > (head + end) / 2n),
      );
      expect(idsOf(seen.events())).to.deep.equal(idsOf(first));
      const last = numbered(1);
      await store.append(stream, last, { expectedRevision: 1n });
      await eventually('the next one is there', () => seen.events().length === 3);
      expect(idsOf(await readEverything(store, { after }))).to.deep.equal(idsOf(last));
      const page = await store.readAll({ direction: 'backwards', maxCount: 2 });
      expect(page.events.map(({ revision }) => revision)).to.deep.equal([2n]);
    } finally {
      await seen.stop();
    }
  });

  it('loses nothing that is written just where a checkpoint was, however the server reads', async () => {
    const { store } = opened;
    // The server looks at 32 events at a time: one of these counts ends with such a page.
    for (let amount = 1; amount <= 33; amount += 1) {
      const after = await store.headPosition();
      await others(amount);
      const seen = follow(store, { after });
      try {
        await eventually('it has caught up', () => seen.batches.at(-1)?.caughtUp === true);
        // Until a checkpoint has come, too, if one comes.
        await sleep(20);
        const reached = seen.batches.at(-1)?.position ?? after;
        const event = numbered(1);
        await store.append(newStream(), event, { expectedRevision: 'no-stream' });
        await eventually(`it is given behind ${amount} of others`, () => seen.events().length > 0);
        expect(idsOf(seen.events())).to.deep.equal(idsOf(event));
        const again = follow(store, { after: reached });
        await eventually('and to who goes on from there', () => again.events().length > 0);
        await again.stop();
        expect(idsOf(again.events())).to.deep.equal(idsOf(event));
        expect(idsOf(await readEverything(store, { after: reached }))).to.deep.equal(idsOf(event));
      } finally {
        await seen.stop();
      }
    }
  });

  it('shows others neither what is ours nor us what is theirs', async () => {
    const { store } = opened;
    const neighbour = openEventStoreDb(log.double.connectionString, 'theirs.');
    try {
      const stream = newStream();
      await store.append(stream, numbered(1), { expectedRevision: 'no-stream' });
      const { position } = await neighbour.store.append(stream, numbered(3), {
        expectedRevision: 'no-stream',
      });
      expect((await neighbour.store.readStream(stream)).events).to.have.length(3);
      expect((await store.readStream(stream)).events).to.have.length(1);
      expect(await readEverything(neighbour.store)).to.have.length(3);
      expect((await store.headPosition()) < position).to.equal(true);
      expect(await neighbour.store.identify()).to.not.equal(await store.identify());
    } finally {
      await neighbour.close();
    }
  });

  it('takes what looks like no event of ours for others’', async () => {
    const { store } = opened;
    const start = await store.headPosition();
    await client.appendToStream('ours.thing-odd', [
      jsonEvent({ type: 'NoMetadata', data: {} }),
      jsonEvent({ type: 'OddMetadata', data: {}, metadata: { some: 'thing' } }),
      jsonEvent({ type: 'OddData', data: 'text', metadata: {} }),
    ]);
    expect(await readEverything(store, { after: start })).to.deep.equal([]);
  });

  it('keeps correlation and causation under the names that its own tools know', async () => {
    const stream = newStream();
    const event = anEvent();
    await opened.store.append(stream, [event], { expectedRevision: 'no-stream' });
    for await (const { event: raw } of client.readStream(`ours.${stream}`)) {
      expect(raw?.metadata).to.deep.equal({
        $correlationId: event.metadata.correlationId,
        $causationId: event.metadata.causationId,
        schemaVersion: 1,
      });
    }
  });

  it('keeps the time at which a copied event was recorded', async () => {
    const { store } = opened;
    const [from, to] = [newStream(), newStream()];
    await store.append(from, numbered(2), { expectedRevision: 'no-stream' });
    const { events } = await store.readStream(from);
    const old = events.map((event, nth) => ({
      ...event,
      id: randomUUID(),
      recordedAt: new Date(Date.UTC(2001, 1, 3, 4, 5, 6, 700 + nth)),
    }));
    await store.appendCopies(to, old, { expectedRevision: 'no-stream' });
    const copied = (await store.readStream(to)).events;
    expect(copied.map(({ recordedAt }) => recordedAt)).to.deep.equal(
      old.map(({ recordedAt }) => recordedAt),
    );
    expect(copied.map(({ metadata }) => metadata)).to.deep.equal(
      old.map(({ metadata }) => metadata),
    );
  });

  it('reads no further ahead of a slow consumer than the next batches', async () => {
    const { store } = opened;
    const start = await store.headPosition();
    for (let times = 0; times < 20; times += 1) {
      await store.append(newStream(), numbered(1_000), { expectedRevision: 'no-stream' });
    }
    const sent = log.double.faults.inject({
      ...{ at: 'answer', method: 'Read', times: Number.POSITIVE_INFINITY },
      effect: { kind: 'delay', milliseconds: 0 },
    });
    const stop = new AbortController();
    const batches: LogBatch[] = [];
    const options = { after: start, batchSize: 50, signal: stop.signal };
    for await (const batch of store.subscribeToAll(options)) {
      batches.push(batch);
      await sleep(150);
      if (batches.length === 4) stop.abort();
    }
    sent.remove();
    expect(batches.reduce((sum, { events }) => sum + events.length, 0)).to.be.within(1, 200);
    expect(sent.struck).to.be.below(10_000);
  });
});
