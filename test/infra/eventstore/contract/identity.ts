import { expect } from 'chai';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { newStream, numbered, type ContractContext } from './log.js';

/** What tells a log from every other log. */
export const describeIdentity = ({ store, another, anotherLog }: ContractContext): void => {
  describe('the identity of the log', () => {
    it('is the same for whoever opens it, now and later', async () => {
      const identity = await store().identify();
      expect(identity).to.match(/^[a-z]+:\S+$/);
      await store().append(newStream(), numbered(1), { expectedRevision: 'no-stream' });
      expect(await store().identify()).to.equal(identity);
      expect(await (await another()).identify()).to.equal(identity);
    });

    it('is another for another log', async () => {
      const other = await anotherLog();
      expect(await other.identify()).to.not.equal(await store().identify());
    });

    it('is not looked up for a caller that had stopped waiting', async () => {
      const work = store().identify({ signal: AbortSignal.abort() });
      expect((await rejection(work, EventStoreError)).failure).to.deep.equal({ kind: 'aborted' });
    });
  });
};
