import { setImmediate } from 'node:timers/promises';

import {
  ANY,
  DeadlineExceededError,
  ErrorType,
  jsonEvent,
  NO_STREAM,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendResult,
  type EventData,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../../../deciders/rejection.js';
import { byAppend, count, useDoubles } from '../../doublesForTests.js';

const films = (amount: number): EventData[] =>
  Array.from({ length: amount }, () => jsonEvent({ type: 'film', data: {} }));

const commitTimeoutMilliseconds = 500;

describe('replication in the EventStoreDB double', () => {
  const { start, clientOf } = useDoubles();

  for (const expectedRevision of [NO_STREAM, ANY] as const) {
    it(`is waited for by the first of the same appends that expect ${expectedRevision}, and missed by the others`, async () => {
      const double = await start({ commitTimeoutMilliseconds });
      const client = clientOf(double.connectionString);
      const stream = 'films';
      const events = films(2);
      const append = (): Promise<AppendResult> =>
        client.appendToStream(stream, events, { expectedRevision });
      let write = (): void => undefined;
      const until = new Promise<void>((resolve) => {
        write = resolve;
      });
      const lastOne = double.faults.inject({
        ...{ at: 'beforeWrite', stream, skip: 2 },
        effect: { kind: 'wait', until },
      });
      double.replicationHeld = true;
      const appends = Promise.allSettled([append(), append(), append()]);
      await lastOne.first;
      expect(double.log.lastEvent(stream)).to.equal(undefined);
      write();
      await setImmediate();
      double.replicationHeld = false;
      const outcomes = await appends;
      const answers = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(answers).to.have.length(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') {
          expect(outcome.reason).to.be.instanceOf(DeadlineExceededError);
        }
      }
      expect(answers[0]?.nextExpectedRevision).to.equal(1n);
      expect(await append()).to.deep.equal(answers[0]);
      expect(await count(client.readStream(stream))).to.equal(2);
    });
  }

  for (const [way, options, type] of [
    ['BatchAppend', {}, ErrorType.DEADLINE_EXCEEDED],
    ['Append', byAppend, ErrorType.TIMEOUT],
  ] as const) {
    it(`that does not come in time is a timeout of ${way}, and may come later`, async () => {
      const double = await start({ commitTimeoutMilliseconds: 50 });
      const client = clientOf(double.connectionString);
      const seen = client.subscribeToStream('films')[Symbol.asyncIterator]();
      double.replicationHeld = true;
      const events = films(3);
      const append = (): Promise<AppendResult> => client.appendToStream('films', events, options);
      expect(await rejection(append(), Error)).to.include({ type });
      expect(await rejection(append(), Error)).to.include({ type });
      await rejection(count(client.readStream('films')), StreamNotFoundError);
      // Other writers reckon with what is written.
      const next = client.appendToStream('films', films(1), { ...options, expectedRevision: 1n });
      await rejection(next, WrongExpectedVersionError);
      double.replicationHeld = false;
      expect((await append()).nextExpectedRevision).to.equal(2n);
      expect((await seen.next()).value).to.have.nested.property('event.id', events[0]?.id);
    });
  }

  it('takes the time that is asked for', async () => {
    const double = await start({ replicationMilliseconds: 20 });
    const client = clientOf(double.connectionString);
    const { nextExpectedRevision } = await client.appendToStream('films', films(2));
    expect(nextExpectedRevision).to.equal(1n);
    expect(await count(client.readStream('films'))).to.equal(2);
  });
});
