import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { idsOf, newStream, numbered, readEverything } from '../contract/log.js';
import { doubleLog, type DoubleLog, type OpenedMirrored } from '../eventstoredb/eventStoreDbLog.js';

describe('A stream of which an operator took something away in EventStoreDB', () => {
  let log: DoubleLog;
  let opened: OpenedMirrored;
  let client: EventStoreDBClient;
  let stream: string;
  let ids: string[];

  before(async () => {
    log = await doubleLog();
    opened = await log.open();
    client = EventStoreDBClient.connectionString(log.double.connectionString);
  });
  after(async () => {
    await client.dispose();
    await opened.close();
    await log.remove();
  });

  beforeEach(async () => {
    stream = newStream();
    ids = [];
    await append(10, 'no-stream');
    // The mirror has it.
    await opened.store.headPosition();
  });

  const append = async (amount: number, expectedRevision: bigint | 'no-stream') => {
    const events = numbered(amount);
    const result = await opened.store.append(stream, events, { expectedRevision });
    ids.push(...idsOf(events));
    return result;
  };

  const expectWhole = async (): Promise<void> => {
    const { store } = opened;
    const lastRevision = BigInt(ids.length - 1);
    for (const read of [{}, { mayLag: true }]) {
      if (read.mayLag === true) await store.headPosition();
      const forwards = await store.readStream(stream, read);
      expect(idsOf(forwards.events)).to.deep.equal(ids);
      expect(forwards).to.include({ lastRevision, hasMore: false });
      const backwards = await store.readStream(stream, { ...read, direction: 'backwards' });
      expect(idsOf(backwards.events)).to.deep.equal([...ids].reverse());
      expect(backwards).to.include({ lastRevision, hasMore: false });
      const paged = await store.readStream(stream, { ...read, from: 2n, maxCount: 3 });
      expect(idsOf(paged.events)).to.deep.equal(ids.slice(2, 5));
      expect(paged.hasMore).to.equal(true);
    }
    const ofLog = (await readEverything(store)).filter((event) => event.stream === stream);
    expect(idsOf(ofLog)).to.deep.equal(ids);
  };

  const taken: Readonly<Record<string, () => Promise<unknown>>> = {
    'some at its beginning ($tb)': () => client.setStreamMetadata(stream, { truncateBefore: 7 }),
    'all but two ($maxCount)': () => client.setStreamMetadata(stream, { maxCount: 2 }),
    'all of it, softly': () => client.deleteStream(stream),
  };
  for (const [what, take] of Object.entries(taken)) {
    it(`is read as a whole, and goes on at its last revision: ${what}`, async () => {
      await take();
      const server = log.openServer();
      const { events } = await server.readStream(stream).finally(() => server.close());
      expect(events.length, 'the server gives less').to.be.below(10);
      await expectWhole();
      expect(await append(2, 9n)).to.include({ revision: 11n });
      await expectWhole();
      await append(1, 11n);
      await expectWhole();
    });
  }

  it('for ever is told as deleted by whoever wants what is there now, and the log still has it', async () => {
    await client.tombstoneStream(stream);
    const { store } = opened;
    const refused = await Promise.all(
      [
        store.readStream(stream),
        store.readStream(stream, { direction: 'backwards' }),
        store.append(stream, numbered(1), { expectedRevision: 9n }),
      ].map((work) => rejection(work, EventStoreError)),
    );
    for (const { failure } of refused) {
      expect(failure).to.deep.equal({ kind: 'stream-deleted', stream });
    }
    expect(idsOf((await store.readStream(stream, { mayLag: true })).events)).to.deep.equal(ids);
    const ofLog = (await readEverything(store)).filter((event) => event.stream === stream);
    expect(idsOf(ofLog)).to.deep.equal(ids);
  });
});
