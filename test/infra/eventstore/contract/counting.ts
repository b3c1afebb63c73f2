import { expect } from 'chai';
import { newStream, numbered, readEverything, type ContractContext } from './log.js';

/** What counting the events up to a position promises. */
export const describeCounting = ({ anotherLog }: ContractContext): void => {
  describe('counting the events of the log', () => {
    it('tells how many there are up to any position: at an event, between two, before and behind all', async () => {
      const log = await anotherLog();
      for (const amount of [1, 3, 2]) {
        await log.append(newStream(), numbered(amount), { expectedRevision: 'no-stream' });
      }
      const events = await readEverything(log);
      const last = events.at(-1)?.position ?? 0n;
      const positions = [
        ...events.flatMap(({ position }) => [position - 1n, position, position + 1n]),
        ...[0n, 1n, last + 1_000_000n],
      ];
      const upTo = (position: bigint) =>
        BigInt(events.filter((event) => event.position <= position).length);
      expect(events).to.have.length(6);
      expect(await log.ordinalsAt(positions)).to.deep.equal(positions.map(upTo));
    });

    it('answers each position at its place, also where one is asked for twice, or none is', async () => {
      const log = await anotherLog();
      expect(await log.ordinalsAt([0n, 7n])).to.deep.equal([0n, 0n]);
      await log.append(newStream(), numbered(4), { expectedRevision: 'no-stream' });
      const head = await log.headPosition();
      expect(await log.ordinalsAt([head, 0n, head])).to.deep.equal([4n, 0n, 4n]);
      expect(await log.ordinalsAt([])).to.deep.equal([]);
    });
  });
};
