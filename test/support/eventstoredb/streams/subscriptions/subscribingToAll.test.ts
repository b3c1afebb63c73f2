import { once } from 'node:events';

import {
  END,
  START,
  streamNameFilter,
  TimeoutError,
  UnknownError,
  type EventData,
  type Filter,
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

describe('subscribing to $all of the EventStoreDB double', () => {
  const tested = useDouble();
  const append = (stream: string, events: EventData[]): Promise<Position> =>
    appendBy(tested.client, stream, events);

  const filterFor = (stream: string): Filter => streamNameFilter({ prefixes: [stream] });

  it('gives everything from the start, system events too', async () => {
    const stream = newStream();
    await append(stream, many(1));
    const subscription = tested.client.subscribeToAll({ fromPosition: START });
    const types: (string | undefined)[] = [];
    for await (const { event } of subscription) {
      types.push(event?.type);
      if (event?.streamId === stream) break;
    }
    expect(types).to.include('$UserCreated').and.not.to.include('$epoch-information');
  });

  it('begins after the position that is named', async () => {
    const stream = newStream();
    const position = await append(stream, many(3));
    await append(stream, many(2));
    const subscription = tested.client.subscribeToAll({ fromPosition: position });
    const events = subscription[Symbol.asyncIterator]();
    expect(revisionsOf(await take(events, 2))).to.deep.equal([3, 4]);
    await subscription.unsubscribe();
  });

  it('begins after the last event, once it says that it has caught up', async () => {
    const stream = newStream();
    await append(stream, many(3));
    const subscription = tested.client.subscribeToAll({ fromPosition: END });
    await once(subscription, 'caughtUp');
    await append(stream, many(2));
    const events = subscription[Symbol.asyncIterator]();
    expect(revisionsOf(await take(events, 2))).to.deep.equal([3, 4]);
    await subscription.unsubscribe();
  });

  it('cannot begin in the middle of a record', async () => {
    const { commit } = await append(newStream(), many(1));
    await append(newStream(), many(1));
    const fromPosition = { commit: commit + 1n, prepare: commit + 1n };
    const subscription = tested.client.subscribeToAll({ fromPosition });
    const events = subscription[Symbol.asyncIterator]();
    const error = await rejection(take(events, 1), UnknownError);
    expect(error.message).to.include('Exception was thrown by handler.');
  });

  it('begins behind the event there, of whose position it may have the commit half alone', async () => {
    const stream = newStream();
    const { commit } = await append(stream, many(1));
    await append(stream, many(1));
    const fromPosition = { commit, prepare: 0n };
    const subscription = tested.client.subscribeToAll({ fromPosition });
    expect(revisionsOf(await take(subscription[Symbol.asyncIterator](), 1))).to.deep.equal([1]);
    await subscription.unsubscribe();
  });

  for (const [what, options] of [
    ['', {}],
    [' through a filter', { filter: streamNameFilter({ prefixes: ['films'] }) }],
  ] as const) {
    it(`is dropped when it lags behind what is written${what}, and may begin again`, async () => {
      const stream = newStream();
      const subscription = tested.client.subscribeToAll({ fromPosition: END, ...options });
      await once(subscription, 'caughtUp');
      const events = subscription[Symbol.asyncIterator]();
      await append(stream, many(30));
      const seen = await take(events, 30);
      await append(stream, many(500));
      const error = await rejection(
        (async () => {
          for (;;) seen.push(...(await take(events, 1)));
        })(),
        TimeoutError,
      );
      expect(error.message).to.include(
        'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
      );
      expect(revisionsOf(seen)).to.deep.equal(range(0, seen.length));
      const fromPosition = seen.at(-1)?.event?.position ?? END;
      const again = tested.client.subscribeToAll({ fromPosition, ...options });
      const rest = await take(again[Symbol.asyncIterator](), 530 - seen.length);
      expect(revisionsOf(rest)).to.deep.equal(range(seen.length, 530));
      await again.unsubscribe();
    });
  }

  it('is dropped by what others write while its client takes nothing', async () => {
    const { faults } = tested.double;
    const subscription = tested.client.subscribeToAll({ fromPosition: END });
    await once(subscription, 'caughtUp');
    const slow = faults.inject({
      ...{ at: 'answer', method: 'Read' },
      effect: { kind: 'wait', until: new Promise(() => undefined) },
    });
    const dropped = once(subscription, 'error');
    for (const _ of range(0, 70)) await append(newStream(), many(1));
    slow.remove();
    expect((await dropped)[0]).to.be.instanceOf(TimeoutError);
  });

  it('goes on while others write, without a gap or a repetition', async () => {
    const stream = newStream();
    const subscription = tested.client.subscribeToAll({
      fromPosition: END,
      filter: filterFor(stream),
    });
    await once(subscription, 'caughtUp');
    const events = subscription[Symbol.asyncIterator]();
    const writing = Promise.all(range(0, 300).map((each) => append(stream, many(1 + (each % 9)))));
    const read = await take(
      events,
      range(0, 300).reduce((sum, each) => sum + 1 + (each % 9), 0),
    );
    await writing;
    expect(revisionsOf(read)).to.deep.equal(range(0, read.length));
    await subscription.unsubscribe();
  });
});
