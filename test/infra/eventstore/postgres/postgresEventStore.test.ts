import { expect } from 'chai';
import { newStream, numbered, readEverything } from '../contract/log.js';
import { describeEventStoreContract } from '../eventStoreContract.js';
import { postgresLog } from './postgresLog.js';

describeEventStoreContract('PostgreSQL', postgresLog);

describe('The log in PostgreSQL', () => {
  it('has the positions 1, 2, 3, … without a gap, also after appends that failed', async () => {
    const log = await postgresLog();
    const opened = log.open();
    const { store } = opened;
    try {
      const stream = newStream();
      await store.append(stream, numbered(2), { expectedRevision: 'no-stream' });
      const refused = Array.from({ length: 5 }, () =>
        store.append(stream, numbered(2), { expectedRevision: 0n }).catch(() => undefined),
      );
      await Promise.all(refused);
      await store.append(newStream(), numbered(3), { expectedRevision: 'any' });
      const positions = (await readEverything(store)).map(({ position }) => position);
      expect(positions).to.deep.equal([1n, 2n, 3n, 4n, 5n]);
    } finally {
      await opened.close();
      await log.remove();
    }
  });
});
