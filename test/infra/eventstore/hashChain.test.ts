import { expect } from 'chai';
import type {
  EventStore,
  EventToAppend,
  RecordedEvent,
} from '../../../src/commands/ports/eventStore.js';
import { createChainCheck } from '../../../src/infra/eventstore/verify/chainCheck.js';
import { linkOf, withHashChain } from '../../../src/infra/eventstore/hashChain.js';
import { startReellog } from '../../support/service/reellog.js';
import {
  anEvent,
  newStream,
  numbered,
  type LogUnderTest,
  type OpenedStore,
} from './contract/log.js';
import { describeEventStoreContract } from './eventStoreContract.js';
import { doubleLog } from './eventstoredb/eventStoreDbLog.js';
import { postgresLog } from './postgres/postgresLog.js';

const chaining = (opened: OpenedStore, begins = true): OpenedStore => ({
  ...opened,
  store: withHashChain(opened.store, { begins }),
});

describeEventStoreContract(
  'PostgreSQL behind a hash chain',
  async () => {
    const log = await postgresLog();
    return { open: () => chaining(log.open()), remove: () => log.remove() };
  },
  { chainsEvents: true },
);

const describeChain = (name: string, prepare: () => Promise<LogUnderTest>): void => {
  describe(`A hash chain in ${name}`, () => {
    let log: LogUnderTest;
    let plain: OpenedStore;
    let here: OpenedStore;
    let elsewhere: OpenedStore;
    let beginsNone: OpenedStore;

    before(async () => {
      log = await prepare();
      plain = await log.open();
      here = chaining(await log.open());
      elsewhere = chaining(await log.open());
      beginsNone = chaining(await log.open(), false);
    });

    after(async () => {
      for (const opened of [plain, here, elsewhere, beginsNone]) await opened.close();
      await log.remove();
    });

    const eventsOf = async (stream: string): Promise<readonly RecordedEvent[]> =>
      (await plain.store.readStream(stream)).events;

    const hashesOf = async (stream: string) =>
      (await eventsOf(stream)).map(({ metadata }) => metadata.hash);

    /** What is wrong with the chain of a stream, in which so many events are to be. */
    const expectChained = async (stream: string, amount: number): Promise<void> => {
      const check = createChainCheck();
      const faults = (await eventsOf(stream)).flatMap((event) => check.faultsOf(event));
      expect(faults).to.deep.equal([]);
      expect(check.chained()).to.equal(amount);
    };

    it('reads the newest only where what may lag has not come that far', async () => {
      const stream = newStream();
      await here.store.append(stream, numbered(2), { expectedRevision: 'no-stream' });
      const [, second] = await eventsOf(stream);
      if (!second) throw new Error('the events are not there');
      const reads: string[] = [];
      let lags = false;
      const lagging: EventStore = {
        ...plain.store,
        readsMayLag: true,
        readStream: (name, options) => {
          reads.push(options?.mayLag === true ? 'may lag' : 'newest');
          if (options?.mayLag !== true) return plain.store.readStream(name, options);
          const events = lags || options.from !== 1n ? [] : [second];
          return Promise.resolve({ events, hasMore: false });
        },
      };
      const another = () => withHashChain(lagging, { begins: true });
      await another().append(stream, numbered(1), { expectedRevision: 1n });
      expect(reads.splice(0)).to.deep.equal(['may lag']);
      lags = true;
      await another().append(stream, numbered(1), { expectedRevision: 2n });
      expect(reads).to.deep.equal(['may lag', 'newest']);
      await expectChained(stream, 4);
    });

    it('goes through all events of a stream, whoever appends them', async () => {
      const stream = newStream();
      await here.store.append(stream, numbered(3), { expectedRevision: 'no-stream' });
      await elsewhere.store.append(stream, numbered(2), { expectedRevision: 2n });
      await here.store.append(stream, numbered(1), { expectedRevision: 4n });
      await elsewhere.store.append(stream, numbered(1), { expectedRevision: 'stream-exists' });
      await expectChained(stream, 7);
      const [first, second] = await eventsOf(stream);
      if (!first || !second) throw new Error('the events are not there');
      expect(first.metadata.hash).to.equal(linkOf(undefined, first));
      expect(second.metadata.hash).to.equal(linkOf(first.metadata.hash, second));
    });

    it('begins with the first event after it was switched on, in a stream that was there', async () => {
      const stream = newStream();
      await plain.store.append(stream, numbered(2), { expectedRevision: 'no-stream' });
      await here.store.append(stream, numbered(2), { expectedRevision: 1n });
      expect((await hashesOf(stream)).slice(0, 2)).to.deep.equal([undefined, undefined]);
      await expectChained(stream, 2);
    });

    it('goes on when it was switched off, and no new one begins', async () => {
      const [old, fresh] = [newStream(), newStream()];
      await here.store.append(old, numbered(2), { expectedRevision: 'no-stream' });
      await beginsNone.store.append(old, numbered(2), { expectedRevision: 1n });
      await beginsNone.store.append(old, numbered(1), { expectedRevision: 'any' });
      await beginsNone.store.append(fresh, numbered(2), { expectedRevision: 'no-stream' });
      await beginsNone.store.append(fresh, numbered(1), { expectedRevision: 1n });
      await expectChained(old, 5);
      await expectChained(fresh, 0);
    });

    it('holds when an append is given again, with other content under the same ids', async () => {
      const stream = newStream();
      const [event = anEvent()] = numbered(1);
      const other: EventToAppend = { ...event, data: { nth: 'other' } };
      const first = await here.store.append(stream, [event], { expectedRevision: 'no-stream' });
      for (const { store } of [here, elsewhere]) {
        for (const expectedRevision of ['no-stream', 'any', 7n] as const) {
          expect(await store.append(stream, [other], { expectedRevision })).to.deep.equal(first);
        }
      }
      await here.store.append(stream, numbered(1), { expectedRevision: 0n });
      await expectChained(stream, 2);
    });

    it('holds when many append at once, from several processes', async () => {
      const stream = newStream();
      await Promise.all(
        Array.from({ length: 30 }, (_, nth) =>
          (nth % 2 === 0 ? here : elsewhere).store.append(stream, numbered(2), {
            expectedRevision: 'any',
          }),
        ),
      );
      await expectChained(stream, 60);
    });

    it('holds for whatever JSON there is', async () => {
      const stream = newStream();
      const data = {
        ...{
          text: 'é\u0000\ud800"\\',
          10: 'ten',
          9: 'nine',
          a: undefined,
          n: [undefined, -0, 1e21],
        },
        nested: { z: { y: [{ x: 0.1 + 0.2 }] }, b: false },
      };
      await here.store.append(stream, [anEvent('ThingNoted', data)], {
        expectedRevision: 'no-stream',
      });
      await expectChained(stream, 1);
    });
  });
};

describeChain('PostgreSQL', postgresLog);
describeChain('EventStoreDB', () => doubleLog());

describe('A hash chain', () => {
  it('can be checked with what every language has: SHA-256 and canonical JSON', () => {
    const event = {
      ...{ stream: 'thing-1', revision: 12n, id: 'A2F0C3D4-0000-4000-8000-000000000001' },
      ...{ type: 'ThingNoted', data: { z: [1, { b: null, a: 'é' }], a: 1e21 } },
      metadata: { schemaVersion: 1, correlationId: 'c', causationId: 'd', hash: 'not part of it' },
    };
    // printf '%s' '["before","thing-1","12","a2f0c3d4-…",…]' | openssl dgst -sha256 -binary | base64
    expect(linkOf('before', event)).to.equal('8TGifsmpolPSKO0BbU7pFKW8Zj1YQjTi_gn8eqfRcLM');
  });

  it('is begun by a service whose setting says so, for every stream', async () => {
    const service = await startReellog({ hashChain: true });
    const { events } = await service.reellog.eventStore.readAll();
    await service.close();
    expect(events.length).to.be.greaterThan(1);
    for (const { metadata } of events) expect(metadata.hash).to.match(/^[\w-]{43}$/);
  });
});
