import { expect } from 'chai';
import type { EventStore, RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { positionAt } from '../../../src/infra/eventstore/positionAt.js';
import { newStream, numbered, type OpenedStore } from './contract/log.js';
import { doubleLog, type DoubleLog } from './eventstoredb/eventStoreDbLog.js';
import { postgresLog, type PostgresLog } from './postgres/postgresLog.js';

const BATCH = 500;

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

const fill = async (store: EventStore, batches: number): Promise<void> => {
  for (let nth = 0; nth < batches; nth += 1) {
    await store.append(newStream(), numbered(BATCH), { expectedRevision: 'no-stream' });
  }
};

const nthOf = async (store: EventStore, nth: bigint): Promise<RecordedEvent> => {
  const [event] = (await store.readAll({ after: nth - 1n, maxCount: 1 })).events;
  if (!event) throw new Error(`there is no event ${nth}`);
  return event;
};

describe('The position of a time', () => {
  describe('in PostgreSQL', () => {
    let log: PostgresLog;
    let opened: OpenedStore;

    before(async () => {
      log = await postgresLog();
      opened = log.open();
      await fill(opened.store, 20);
    });
    after(async () => {
      await opened.close();
      await log.remove();
    });

    it('is found by reading no more events than the log is halved', async () => {
      const store = counting(opened.store);
      const { recordedAt } = await nthOf(opened.store, 4_321n);
      const position = await positionAt(store, recordedAt);
      // A batch is recorded at one time.
      expect(position).to.equal(4_500n);
      // The newest first; then 10,000 are halved 14 times.
      expect(store.given()).to.be.within(1, 15);
    });
  });

  describe('in EventStoreDB', () => {
    let log: DoubleLog;
    let opened: OpenedStore;

    before(async () => {
      log = await doubleLog();
      opened = log.open();
      await fill(opened.store, 14);
    });
    after(async () => {
      await opened.close();
      await log.remove();
    });

    it('is found from where an earlier question came by, without reading the log again', async () => {
      const store = counting(opened.store);
      const { events } = await opened.store.readAll({ after: 0n, maxCount: 20_000 });
      const event = events.at(-2 * BATCH);
      if (!event) throw new Error('there are too few events');
      const expected = events.findLast(({ recordedAt }) => recordedAt <= event.recordedAt);
      expect(await positionAt(store, event.recordedAt)).to.equal(expected?.position);
      const first = store.given();
      expect(first).to.be.above(5_900);
      expect(await positionAt(store, event.recordedAt)).to.equal(expected?.position);
      expect(store.given() - first).to.be.below(2_100);
    });
  });
});
