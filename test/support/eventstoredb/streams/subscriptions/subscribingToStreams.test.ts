import { once } from 'node:events';

import {
  AccessDeniedError,
  BACKWARDS,
  END,
  jsonEvent,
  StreamDeletedError,
  TimeoutError,
  type EventData,
  type Position,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../../../deciders/rejection.js';
import { useDouble } from '../doubleForTests.js';
import {
  append as appendBy,
  many,
  newStream,
  range,
  revisionsOf,
  take,
} from './subscriptionSteps.js';

describe('subscribing to a stream of the EventStoreDB double', () => {
  const tested = useDouble();
  const append = (stream: string, events: EventData[]): Promise<Position> =>
    appendBy(tested.client, stream, events);

  it('gives what is there from the start, and then what comes', async () => {
    const stream = newStream();
    await append(stream, many(70));
    const subscription = tested.client.subscribeToStream(stream);
    const events = subscription[Symbol.asyncIterator]();
    expect(revisionsOf(await take(events, 70))).to.deep.equal(range(0, 70));
    await append(stream, many(2));
    await append(newStream(), many(1));
    await append(stream, many(1));
    expect(revisionsOf(await take(events, 3))).to.deep.equal(range(70, 73));
    await subscription.unsubscribe();
  });

  it('begins after the revision that is named, or after the last', async () => {
    const stream = newStream();
    await append(stream, many(5));
    const after = tested.client.subscribeToStream(stream, { fromRevision: 2n });
    const fromEnd = tested.client.subscribeToStream(stream, { fromRevision: END });
    await once(fromEnd, 'caughtUp');
    await append(stream, many(1));
    const events = [after, fromEnd].map((each) => each[Symbol.asyncIterator]());
    const [first, second] = await Promise.all(
      events.map((each, which) => take(each, which === 0 ? 3 : 1)),
    );
    expect(revisionsOf(first ?? [])).to.deep.equal([3, 4, 5]);
    expect(revisionsOf(second ?? [])).to.deep.equal([5]);
    await Promise.all([after.unsubscribe(), fromEnd.unsubscribe()]);
  });

  it('waits for one that is not there, and goes on with one that comes again', async () => {
    const stream = newStream();
    const subscription = tested.client.subscribeToStream(stream);
    const events = subscription[Symbol.asyncIterator]();
    await once(subscription, 'confirmation');
    const caughtUp = once(subscription, 'caughtUp');
    await append(stream, many(2));
    expect(revisionsOf(await take(events, 2))).to.deep.equal([0, 1]);
    await caughtUp;
    await tested.client.deleteStream(stream);
    await append(stream, many(1));
    expect(revisionsOf(await take(events, 1))).to.deep.equal([2]);
    await subscription.unsubscribe();
  });

  it('is dropped when it lags', async () => {
    const stream = newStream();
    const subscription = tested.client.subscribeToStream(stream, { fromRevision: END });
    await once(subscription, 'caughtUp');
    await append(stream, many(500));
    const events = subscription[Symbol.asyncIterator]();
    const error = await rejection(take(events, 500), TimeoutError);
    expect(error.message).to.include('Consumer too slow to handle event while live.');
  });

  it('ends with a tombstone, which it still gives', async () => {
    const stream = newStream();
    await append(stream, many(1));
    const subscription = tested.client.subscribeToStream(stream);
    const events = subscription[Symbol.asyncIterator]();
    await take(events, 1);
    await tested.client.tombstoneStream(stream);
    const [tombstone] = await take(events, 1);
    expect(tombstone?.event).to.include({
      type: '$streamDeleted',
      revision: 9_223_372_036_854_775_807n,
    });
    await rejection(take(events, 1), StreamDeletedError);
    const again = tested.client.subscribeToStream(stream);
    await rejection(take(again[Symbol.asyncIterator](), 1), StreamDeletedError);
  });

  it('sends a client that does not read little, however much there is', async () => {
    const stream = newStream();
    const large = (): EventData => jsonEvent({ type: 'noted', data: { text: 'x'.repeat(10_000) } });
    for (const _ of range(0, 3)) await append(stream, Array.from({ length: 80 }, large));
    const sent = tested.double.faults.inject({
      at: 'answer',
      method: 'Read',
      stream,
      effect: { kind: 'delay', milliseconds: 0 },
      times: Infinity,
    });
    const idle = tested.client.subscribeToStream(stream);
    await once(idle, 'confirmation');
    // By the time that somebody else has read it all, the idle one has had its chance.
    let read = 0;
    for await (const { event } of tested.client.readAll({ maxCount: 100_000 })) {
      if (event?.streamId === stream) read++;
    }
    expect(read).to.equal(240);
    expect(sent.struck).to.be.lessThan(120);
    sent.remove();
    const events = idle[Symbol.asyncIterator]();
    expect(revisionsOf(await take(events, 240))).to.deep.equal(range(0, 240));
    await idle.unsubscribe();
  });
});

describe('subscribing to an EventStoreDB double with ACLs', () => {
  const reader = { username: 'reader', password: 'secret' };
  const tested = useDouble({
    tls: true,
    users: [{ name: 'reader', password: 'secret', groups: [] }],
  });

  it('ends for whoever may no longer read the stream', async () => {
    await tested.client.appendToStream('films', many(1));
    const subscription = tested.client.subscribeToStream('films', { credentials: reader });
    const events = subscription[Symbol.asyncIterator]();
    await take(events, 1);
    await tested.client.setStreamMetadata('films', { acl: { readRoles: ['$admins'] } });
    await rejection(take(events, 1), AccessDeniedError);
    const again = tested.client.subscribeToStream('films', { credentials: reader });
    await rejection(take(again[Symbol.asyncIterator](), 1), AccessDeniedError);
  });

  it('lets only administrators at $all', async () => {
    const denied = [
      tested.client.subscribeToAll({ credentials: reader }),
      tested.client.readAll({ credentials: reader, direction: BACKWARDS, fromPosition: END }),
    ];
    for (const events of denied) {
      await rejection(take(events[Symbol.asyncIterator](), 1), AccessDeniedError);
    }
    await take(tested.client.subscribeToAll()[Symbol.asyncIterator](), 1);
  });
});
