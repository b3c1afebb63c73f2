import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type { EventStoreDbLog } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import type { Place } from '../../../../src/infra/eventstore/eventstoredb/reads/following.js';
import { eventually } from '../../../support/run/eventually.js';
import { anEvent, idsOf, newStream, numbered } from '../contract/log.js';
import { doubleLog, openServer, type DoubleLog } from './eventStoreDbLog.js';
import { endOfServer, followServer } from './followServer.js';

describe('An EventStoreDB with more in it than the log', () => {
  let log: DoubleLog;
  let server: EventStoreDbLog;
  let client: EventStoreDBClient;

  before(async () => {
    log = await doubleLog({}, 'ours.');
    server = log.openServer();
    client = EventStoreDBClient.connectionString(log.double.connectionString);
  });

  after(async () => {
    await client.dispose();
    await server.close();
    await log.remove();
  });

  const others = (amount: number): Promise<unknown> =>
    client.appendToStream(
      `others-${randomUUID()}`,
      Array.from({ length: amount }, () => jsonEvent({ type: 'SomethingElse', data: {} })),
    );

  const append = async (amount: number, stream = newStream()) => {
    const events = numbered(amount);
    await server.append(stream, events, { expectedRevision: 'any' });
    return idsOf(events);
  };

  /** Where whoever has seen everything goes on. */
  const end = async (): Promise<Place | undefined> => (await endOfServer(server)).reached;

  it('moves its followers over long stretches without an event of theirs', async () => {
    const before = await end();
    const ids = [...(await append(2))];
    for (let times = 0; times < 3; times += 1) await others(7_000);
    const seen = followServer(server, { after: before });
    try {
      const last = BigInt(log.double.log.lastPosition());
      await eventually('it has caught up', () => seen.isLive());
      expect((seen.reached()?.commit ?? 0n) >= last, 'it is at the end').to.equal(true);
      expect(idsOf(seen.events())).to.deep.equal(ids);
      ids.push(...(await append(1)));
      await eventually('the next one is there', () => seen.events().length === 3);
    } finally {
      await seen.stop();
    }
    // On the way, too: who is interrupted does not begin again where the last event was.
    const places = seen.given.map(({ reached }) => reached?.commit ?? 0n);
    const [first = 0n, final = 0n] = [places[0], places.at(-1)];
    expect(places.some((place) => place > (first + final) / 4n && place < final)).to.equal(true);
    const again = followServer(server, { after: seen.reached() });
    await eventually('it has caught up again', () => again.isLive());
    await again.stop();
    expect(again.events()).to.deep.equal([]);
    expect(idsOf(seen.events())).to.deep.equal(ids);
  });

  it('loses nothing that is written just where a checkpoint was, however the server reads', async () => {
    // The server looks at 32 events at a time: one of these counts ends with such a page.
    for (let amount = 1; amount <= 33; amount += 1) {
      const after = await end();
      await others(amount);
      const seen = followServer(server, { after });
      try {
        await eventually('it has caught up', () => seen.isLive());
        const reached = seen.reached();
        expect(reached).to.not.deep.equal(after);
        const ids = await append(1);
        await eventually(`it is given behind ${amount} of others`, () => seen.events().length > 0);
        expect(idsOf(seen.events())).to.deep.equal(ids);
        const again = followServer(server, { after: reached });
        await eventually('and to who goes on from there', () => again.events().length > 0);
        await again.stop();
        expect(idsOf(again.events())).to.deep.equal(ids);
      } finally {
        await seen.stop();
      }
    }
  });

  it('loses nothing wherever a follower stopped, among events of others', async () => {
    const start = await end();
    const ids: string[] = [];
    for (let nth = 0; nth < 30; nth += 1) {
      await others(1 + ((nth * 7) % 40));
      ids.push(...(await append(1 + (nth % 3))));
    }
    const seen = followServer(server, { after: start, batchSize: 3 });
    await eventually('it has caught up', () => seen.isLive());
    await seen.stop();
    expect(idsOf(seen.events())).to.deep.equal(ids);
    let had = 0;
    let place = start;
    for (const { events, reached } of seen.given) {
      had += events.length;
      place = reached ?? place;
      const rest = followServer(server, { after: place });
      await eventually('it has caught up', () => rest.isLive());
      await rest.stop();
      expect(idsOf(rest.events())).to.deep.equal(ids.slice(had));
    }
  });

  it('shows others neither what is ours nor us what is theirs', async () => {
    const before = await end();
    const neighbour = openServer(log.double.connectionString, 'theirs.');
    try {
      const stream = newStream();
      const ours = await append(1, stream);
      const theirs = numbered(3);
      await neighbour.append(stream, theirs, { expectedRevision: 'no-stream' });
      expect(idsOf((await neighbour.readStream(stream)).events)).to.deep.equal(idsOf(theirs));
      expect(idsOf((await server.readStream(stream)).events)).to.deep.equal(ours);
      for (const [of, ids] of [
        [server, ours],
        [neighbour, idsOf(theirs)],
      ] as const) {
        const seen = followServer(of, { after: before });
        await eventually('it has caught up', () => seen.isLive());
        await seen.stop();
        expect(idsOf(seen.events())).to.deep.equal(ids);
        expect(new Set(seen.events().map((event) => event.stream))).to.deep.equal(
          new Set([stream]),
        );
      }
      expect(await neighbour.identify()).to.not.equal(await server.identify());
    } finally {
      await neighbour.close();
    }
  });

  it('takes what looks like no event of ours for others’', async () => {
    const after = await end();
    await client.appendToStream('ours.thing-odd', [
      jsonEvent({ type: 'NoMetadata', data: {} }),
      jsonEvent({ type: 'OddMetadata', data: {}, metadata: { some: 'thing' } }),
      jsonEvent({ type: 'OddData', data: 'text', metadata: {} }),
    ]);
    const ids = await append(1);
    const seen = followServer(server, { after });
    await eventually('it has caught up', () => seen.isLive());
    await seen.stop();
    expect(idsOf(seen.events())).to.deep.equal(ids);
  });

  it('keeps correlation and causation under the names that its own tools know', async () => {
    const stream = newStream();
    const event = anEvent();
    await server.append(stream, [event], { expectedRevision: 'no-stream' });
    for await (const { event: raw } of client.readStream(`ours.${stream}`)) {
      expect(raw?.metadata).to.deep.equal({
        $correlationId: event.metadata.correlationId,
        $causationId: event.metadata.causationId,
        schemaVersion: 1,
      });
    }
  });

  it('keeps the time at which a copied event was recorded', async () => {
    const [from, to] = [newStream(), newStream()];
    await append(2, from);
    const { events } = await server.readStream(from);
    const old = events.map((event, nth) => ({
      ...event,
      id: randomUUID(),
      recordedAt: new Date(Date.UTC(2001, 1, 3, 4, 5, 6, 700 + nth)),
    }));
    await server.appendCopies(to, old, { expectedRevision: 'no-stream' });
    const copied = (await server.readStream(to)).events;
    expect(copied.map(({ recordedAt }) => recordedAt)).to.deep.equal(
      old.map(({ recordedAt }) => recordedAt),
    );
    expect(copied.map(({ metadata }) => metadata)).to.deep.equal(
      old.map(({ metadata }) => metadata),
    );
  });
});
