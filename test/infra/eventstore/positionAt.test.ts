import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import { positionAt } from '../../../src/infra/eventstore/places/positionAt.js';
import { timeAt } from '../../../src/infra/eventstore/places/timeAt.js';
import { newStream, numbered, type LogUnderTest, type OpenedStore } from './contract/log.js';
import { doubleLog } from './eventstoredb/eventStoreDbLog.js';
import { postgresLog } from './postgres/postgresLog.js';

const BATCH = 500;
const BATCHES = 14;

/** A log that counts the events it gives. */
const counting = (store: EventStore) => {
  let given = 0;
  return {
    ...store,
    given: () => given,
    readAll: async (options?: Parameters<EventStore['readAll']>[0]) => {
      const page = await store.readAll(options);
      given += page.events.length;
      return page;
    },
  };
};

const describePlacesInTime = (where: string, prepare: () => Promise<LogUnderTest>): void => {
  describe(`In ${where}`, () => {
    let log: LogUnderTest;
    let opened: OpenedStore;

    before(async () => {
      log = await prepare();
      opened = await log.open();
      for (let nth = 0; nth < BATCHES; nth += 1) {
        // Longer than the log's clock ticks: a batch is recorded at one time, and no other is.
        await sleep(2);
        await opened.store.append(newStream(), numbered(BATCH), { expectedRevision: 'no-stream' });
      }
    });
    after(async () => {
      await opened.close();
      await log.remove();
    });

    it('the position of a time is found by reading no more events than the log is halved', async () => {
      const { events } = await opened.store.readAll({ maxCount: BATCH * BATCHES });
      const event = events[4_321];
      if (!event) throw new Error('there are too few events');
      const expected = events.findLast(({ recordedAt }) => recordedAt <= event.recordedAt);
      const store = counting(opened.store);
      expect(await positionAt(store, event.recordedAt)).to.equal(expected?.position);
      // The newest first; then what lies between the first position and the last is halved.
      const halved = (await opened.store.headPosition()).toString(2).length;
      expect(store.given()).to.be.within(1, halved + 1);
    });

    it('the time of a position is found by reading one event', async () => {
      const { events } = await opened.store.readAll({ maxCount: BATCH * BATCHES });
      for (const nth of [0, 1, 4_321, events.length - 1]) {
        const store = counting(opened.store);
        const event = events[nth];
        expect(await timeAt(store, event?.position ?? 0n)).to.deep.equal(event?.recordedAt);
        expect(store.given()).to.equal(1);
      }
      expect(await timeAt(opened.store, 0n)).to.deep.equal(events[0]?.recordedAt);
    });
  });
};

describe('Places in time', () => {
  describePlacesInTime('PostgreSQL', postgresLog);
  describePlacesInTime('a mirror of EventStoreDB', () => doubleLog());
});
