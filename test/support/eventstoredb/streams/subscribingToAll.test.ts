import { once } from 'node:events';

import {
  END,
  START,
  streamNameFilter,
  UnknownError,
  type EventData,
  type Filter,
  type Position,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';

import { eventually } from '../../eventually.js';
import { rejection } from '../../rejection.js';
import { useDouble } from './doubleForTests.js';
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
    expect(error.code).to.equal(status.INVALID_ARGUMENT);
  });

  it('reads again what came too fast, and says again that it has caught up', async () => {
    const stream = newStream();
    const subscription = tested.client.subscribeToAll({
      fromPosition: END,
      filter: filterFor(stream),
    });
    let caughtUp = 0;
    subscription.on('caughtUp', () => caughtUp++);
    await once(subscription, 'caughtUp');
    const events = subscription[Symbol.asyncIterator]();
    await append(stream, many(500));
    await append(stream, many(3));
    expect(revisionsOf(await take(events, 503))).to.deep.equal(range(0, 503));
    await eventually('the second word of it', () => caughtUp === 2);
    await append(stream, many(1));
    expect(revisionsOf(await take(events, 1))).to.deep.equal([503]);
    await subscription.unsubscribe();
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
