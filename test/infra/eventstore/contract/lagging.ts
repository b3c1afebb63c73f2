import { expect } from 'chai';
import { eventually } from '../../../support/run/eventually.js';
import { idsOf, newStream, numbered, type ContractContext } from './log.js';

/** What reads promise that may be behind what was just appended. */
export const describeLagging = ({ store, another }: ContractContext): void => {
  const directions = ['forwards', 'backwards'] as const;

  describe('a read of a stream that may lag', () => {
    for (const direction of directions) {
      it(`is never ahead of one that may not, and has everything in the end, ${direction}`, async () => {
        const elsewhere = await another();
        const stream = newStream();
        const ids: string[] = [];
        for (let nth = 0; nth < 20; nth += 1) {
          const events = numbered(1 + (nth % 2));
          await store().append(stream, events, { expectedRevision: 'any' });
          ids.push(...idsOf(events));
          for (const on of [store(), elsewhere]) {
            const lagging = await on.readStream(stream, { direction, mayLag: true });
            const seen = idsOf(lagging.events);
            const inOrder = direction === 'forwards' ? seen : [...seen].reverse();
            expect(inOrder, 'a beginning of the stream').to.deep.equal(ids.slice(0, seen.length));
            expect(lagging.lastRevision ?? -1n).to.equal(BigInt(seen.length - 1));
            if (!on.readsMayLag) expect(seen).to.have.length(ids.length);
          }
        }
        for (const on of [store(), elsewhere]) {
          await eventually('it has everything', async () => {
            const { lastRevision } = await on.readStream(stream, { direction, mayLag: true });
            return lastRevision === BigInt(ids.length - 1);
          });
          expect(await on.readStream(stream, { direction, mayLag: true })).to.deep.equal(
            await on.readStream(stream, { direction }),
          );
        }
      });

      it(`gives an empty slice, ${direction}, of a stream without events`, async () => {
        const slice = await store().readStream(newStream(), { direction, mayLag: true });
        expect(slice).to.deep.equal({ events: [], hasMore: false });
      });
    }

    it('is no reason for one that may not to be behind, whatever has been read before', async () => {
      const elsewhere = await another();
      const stream = newStream();
      for (let nth = 0n; nth < 20n; nth += 1n) {
        await store().append(stream, numbered(1), { expectedRevision: 'any' });
        await elsewhere.readStream(stream, { mayLag: true });
        for (const direction of directions) {
          const page = { direction, maxCount: 3 };
          const { events, lastRevision } = await elsewhere.readStream(stream, page);
          const first = direction === 'forwards' ? 0n : nth;
          expect(events[0]?.revision).to.equal(first);
          if (direction === 'backwards' || nth < 3n) expect(lastRevision).to.equal(nth);
        }
      }
    });
  });
};
