import { expect } from 'chai';
import { verifyLog } from '../../../../src/infra/eventstore/verify/verifyLog.js';
import { newStream, numbered } from '../contract/log.js';
import { doubleLog, type DoubleLog, type OpenedMirrored } from './eventStoreDbLog.js';

describe('Verifying a log in EventStoreDB', () => {
  let log: DoubleLog;
  let opened: OpenedMirrored;

  before(async () => {
    log = await doubleLog();
    opened = await log.open();
  });

  after(async () => {
    await opened.close();
    await log.remove();
  });

  it('takes positions for what they are there: in order, not without gaps', async () => {
    const { store } = opened;
    for (const amount of [1, 3]) {
      await store.append(newStream(), numbered(amount, 'NeverHeardOf'), {
        expectedRevision: 'no-stream',
      });
    }
    const found = await verifyLog({
      log: store,
      personalKeys: { keysOf: () => Promise.resolve(new Map()) },
      signal: AbortSignal.timeout(60_000),
    });
    expect(found).to.include({ events: 4, streams: 2, position: await store.headPosition() });
    expect(found.first.map(({ fault }) => fault)).to.deep.equal(
      Array.from({ length: 4 }, () => 'is of the unknown type NeverHeardOf'),
    );
  });
});
