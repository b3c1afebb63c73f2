import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import {
  eventTypeFilter,
  excludeSystemEvents,
  streamNameFilter,
  type AllStreamSubscription,
  type EventData,
  type Filter,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { eventually } from '../../../run/eventually.js';
import { useDouble } from '../doubleForTests.js';
import {
  append as appendBy,
  many,
  newStream,
  range,
  revisionsOf,
  take,
} from './subscriptionSteps.js';

describe('subscribing to $all of the EventStoreDB double through a filter', () => {
  const tested = useDouble();
  const append = (stream: string, events: EventData[]): Promise<Position> =>
    appendBy(tested.client, stream, events);

  const filters: Readonly<Record<string, (stream: string) => Filter>> = {
    'the beginning of a stream’s name': (stream) =>
      streamNameFilter({ prefixes: ['none', stream] }),
    'a pattern of a stream’s name': (stream) =>
      streamNameFilter({ regex: `^[a-z]+-${stream.slice(6)}$` }),
    'the beginning of a type': (stream) => eventTypeFilter({ prefixes: [`${stream}-wan`, 'none'] }),
    'a pattern of a type': (stream) => eventTypeFilter({ regex: `^${stream}.wanted\\d?$` }),
  };

  for (const [what, filterOf] of Object.entries(filters)) {
    it(`gives only what matches ${what}, before and after it has caught up`, async () => {
      const stream = newStream();
      const others = newStream();
      const type = `${stream}-wanted`;
      const byType = what.endsWith('type');
      const write = async (): Promise<void> => {
        await append(stream, many(2, type));
        await append(byType ? stream : others, many(3, byType ? 'unwanted' : type));
      };
      await write();
      const subscription = tested.client.subscribeToAll({ filter: filterOf(stream) });
      const events = subscription[Symbol.asyncIterator]();
      const first = await take(events, 2);
      await write();
      const seen = [...first, ...(await take(events, 2))];
      expect(revisionsOf(seen)).to.deep.equal(byType ? [0, 1, 5, 6] : [0, 1, 2, 3]);
      await subscription.unsubscribe();
    });
  }

  /** Subscribes to events of a type, and notes the checkpoints. */
  const withCheckpoints = (
    fromPosition: Position,
    type: string,
  ): { subscription: AllStreamSubscription; checkpoints: Position[] } => {
    const checkpoints: Position[] = [];
    const filter = eventTypeFilter({
      prefixes: [type],
      maxSearchWindow: 10,
      checkpointInterval: 2,
      checkpointReached: (_subscription, position) => {
        checkpoints.push(position);
      },
    });
    return { subscription: tested.client.subscribeToAll({ fromPosition, filter }), checkpoints };
  };

  const commitsOf = (positions: readonly Position[]): bigint[] =>
    positions.map(({ commit }) => commit);

  /** An event's position has both numbers alike; a place between two events has 0 second. */
  const isAfter = (position: Position | undefined, { commit, prepare }: Position): boolean =>
    position !== undefined &&
    (position.commit > commit || (position.commit === commit && position.prepare > prepare));

  it('says where it is every window times interval events, and not when it catches up', async () => {
    const position = await append(newStream(), many(1));
    await append(newStream(), many(100, 'unwanted'));
    const { subscription, checkpoints } = withCheckpoints(position, 'wanted');
    subscription.resume();
    await once(subscription, 'caughtUp');
    // After pages 2, 4, 6, 8 and 10: where each of them began.
    expect(checkpoints).to.have.length(5);
    const { records } = tested.double.log;
    const start = records.findIndex((record) => BigInt(record.position) === position.commit);
    const began = [11, 31, 51, 71, 91].map((at) => BigInt(records[start + at]?.position ?? 0));
    expect(commitsOf(checkpoints)).to.deep.equal(began);

    const stream = newStream();
    for (const _ of range(0, 45)) await append(stream, many(1, 'unwanted'));
    await eventually('two more checkpoints', () => checkpoints.length === 7);
    const live = records.filter((record) => record.stream === stream);
    expect(commitsOf(checkpoints).slice(5)).to.deep.equal(
      [19, 39].map((at) => BigInt(live[at]?.position ?? 0)),
    );
    await subscription.unsubscribe();
  });

  it('loses nothing for whoever goes on from a checkpoint', async () => {
    const position = await append(newStream(), many(1));
    const type = randomUUID();
    for (const [many1, many2] of [
      [3, 40],
      [1, 7],
      [12, 90],
      [2, 1],
      [40, 25],
    ] as const) {
      await append(newStream(), [...many(many1, type), ...many(many2, 'unwanted')]);
    }
    const idsOf = (events: ResolvedEvent[]) => events.map(({ event }) => event?.id);
    const { subscription, checkpoints } = withCheckpoints(position, type);
    const all = await take(subscription[Symbol.asyncIterator](), 58);
    await eventually('the last checkpoint', () => checkpoints.length > 8);
    await subscription.unsubscribe();
    for (const checkpoint of checkpoints) {
      const left = all.filter(({ event }) => isAfter(event?.position, checkpoint));
      const after = withCheckpoints(checkpoint, type);
      const events = after.subscription[Symbol.asyncIterator]();
      expect(idsOf(await take(events, left.length))).to.deep.equal(idsOf(left));
      await after.subscription.unsubscribe();
    }
  });

  it('leaves system events out on demand', async () => {
    const stream = newStream();
    await append(stream, many(1));
    const subscription = tested.client.subscribeToAll({ filter: excludeSystemEvents() });
    for await (const { event } of subscription) {
      expect(event?.type).not.to.match(/^\$/);
      if (event?.streamId === stream) break;
    }
  });
});
