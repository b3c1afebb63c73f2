import { expect } from 'chai';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import { describeAppending } from './contract/appending.js';
import { describeCounting } from './contract/counting.js';
import { describeFollowing } from './contract/following.js';
import { follow, type LogUnderTest, type OpenedStore, type Promises } from './contract/log.js';
import { describeIdentity } from './contract/identity.js';
import { describeLagging } from './contract/lagging.js';
import { describeRaces } from './contract/races.js';
import { describeReadingAll, describeReadingStreams } from './contract/reading.js';
import { describeTimes } from './contract/times.js';

/**
 * What every adapter of the port to the event log must do. Each part works on streams of its own and reads the
 * log from where it stood, so that one log serves the whole suite.
 * @param prepare makes an empty log
 * @param promises what this adapter promises beside the port
 */
export const describeEventStoreContract = (
  name: string,
  prepare: () => Promise<LogUnderTest>,
  promises: Promises = {},
): void => {
  describe(`${name}, as an event store`, () => {
    let log: LogUnderTest;
    let main: OpenedStore;
    const others: OpenedStore[] = [];
    const otherLogs: LogUnderTest[] = [];

    before(async () => {
      log = await prepare();
      main = await log.open();
    });

    afterEach(async () => {
      for (const other of others.splice(0)) await other.close();
      for (const other of otherLogs.splice(0)) await other.remove();
    });

    after(async () => {
      await main.close();
      await log.remove();
    });

    const context = {
      store: () => main.store,
      another: async (): Promise<EventStore> => {
        const opened = await log.open();
        others.push(opened);
        return opened.store;
      },
      anotherLog: async (): Promise<EventStore> => {
        const other = await prepare();
        otherLogs.push(other);
        const opened = await other.open();
        others.push(opened);
        return opened.store;
      },
      promises,
    };

    // The first test, while it is empty.
    it('begins with an empty log', async () => {
      const { store } = main;
      expect(await store.headPosition()).to.equal(0n);
      // A server may have events of its own.
      expect(await store.readAll()).to.deep.include({ events: [], end: true });
      const backwards = await store.readAll({ direction: 'backwards' });
      expect(backwards).to.deep.include({ events: [], end: true });
      const follower = follow(store, { after: 0n });
      await follower.stop();
      expect(follower.events()).to.deep.equal([]);
    });

    describeAppending(context);
    describeReadingStreams(context);
    describeLagging(context);
    describeReadingAll(context);
    describeCounting(context);
    describeFollowing(context);
    describeRaces(context);
    describeIdentity(context);
    describeTimes(context);
  });
};
