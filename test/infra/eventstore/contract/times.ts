import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { positionAt } from '../../../../src/infra/eventstore/places/positionAt.js';
import { newStream, numbered, readEverything, type ContractContext } from './log.js';

/** What finding a time in the log promises. */
export const describeTimes = ({ store, anotherLog }: ContractContext): void => {
  describe('finding the position of a time', () => {
    it('gives the last event recorded at or before it, for every moment of the log and around it', async () => {
      const log = await anotherLog();
      for (let nth = 0; nth < 8; nth += 1) {
        // Longer than the log's clock ticks, so that there is a time between.
        await sleep(2);
        await log.append(newStream(), numbered(1 + (nth % 3)), { expectedRevision: 'no-stream' });
      }
      const events = await readEverything(log);
      const moments = events.flatMap(({ recordedAt }) => [
        ...[-1, 0, 1].map((more) => new Date(recordedAt.getTime() + more)),
      ]);
      for (const moment of moments) {
        expect(await positionAt(log, moment), moment.toISOString()).to.equal(
          events.findLast(({ recordedAt }) => recordedAt <= moment)?.position ?? 0n,
        );
      }
    });

    it('gives the end for the times after it, and 0 for those before the first event', async () => {
      const [oldest] = (await store().readAll({ after: 0n, maxCount: 1 })).events;
      const before = new Date((oldest?.recordedAt.getTime() ?? 0) - 1);
      expect(await positionAt(store(), before)).to.equal(0n);
      const far = new Date('9999-12-31T23:59:59.999Z');
      expect(await positionAt(store(), far)).to.equal(await store().headPosition());
      expect(await positionAt(await anotherLog(), far)).to.equal(0n);
    });
  });
};
