import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import {
  AccessDeniedError,
  BACKWARDS,
  END,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  START,
  StreamDeletedError,
  streamNameFilter,
  UnknownError,
  type AllStreamSubscription,
  type EventData,
  type Filter,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';

import { eventually } from '../../eventually.js';
import { rejection } from '../../rejection.js';
import { useDouble } from './doubleForTests.js';

const played = (type = 'played'): EventData => jsonEvent({ type, data: { seconds: 90 } });
const many = (count: number, type?: string): EventData[] =>
  Array.from({ length: count }, () => played(type));

/** The next so many events of a subscription, which goes on. */
const take = async (
  events: AsyncIterator<ResolvedEvent>,
  count: number,
): Promise<ResolvedEvent[]> => {
  const taken: ResolvedEvent[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) throw new Error('The subscription has ended.');
    taken.push(next.value);
  }
  return taken;
};

const revisionsOf = (events: readonly ResolvedEvent[]): number[] =>
  events.map(({ event }) => Number(event?.revision));

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, number) => from + number);

describe('subscribing to the EventStoreDB double', () => {
  const tested = useDouble();
  const newStream = (): string => `films-${randomUUID()}`;
  const append = async (stream: string, events: EventData[]): Promise<Position> => {
    const { position } = await tested.client.appendToStream(stream, events);
    if (position === undefined) throw new Error('The append has no position.');
    return position;
  };

  describe('to a stream', () => {
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
      await once(subscription, 'caughtUp');
      await append(stream, many(2));
      expect(revisionsOf(await take(events, 2))).to.deep.equal([0, 1]);
      await tested.client.deleteStream(stream);
      await append(stream, many(1));
      expect(revisionsOf(await take(events, 1))).to.deep.equal([2]);
      await subscription.unsubscribe();
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
      const large = (): EventData =>
        jsonEvent({ type: 'noted', data: { text: 'x'.repeat(10_000) } });
      for (const _ of range(0, 5)) await append(stream, Array.from({ length: 80 }, large));
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
      expect(read).to.equal(400);
      expect(sent.struck).to.be.lessThan(150);
      sent.remove();
      const events = idle[Symbol.asyncIterator]();
      expect(revisionsOf(await take(events, 400))).to.deep.equal(range(0, 400));
      await idle.unsubscribe();
    });
  });

  describe('to $all', () => {
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
      const writing = Promise.all(
        range(0, 300).map((each) => append(stream, many(1 + (each % 9)))),
      );
      const read = await take(
        events,
        range(0, 300).reduce((sum, each) => sum + 1 + (each % 9), 0),
      );
      await writing;
      expect(revisionsOf(read)).to.deep.equal(range(0, read.length));
      await subscription.unsubscribe();
    });
  });

  describe('to $all through a filter', () => {
    const filters: Readonly<Record<string, (stream: string) => Filter>> = {
      'the beginning of a stream’s name': (stream) =>
        streamNameFilter({ prefixes: ['none', stream] }),
      'a pattern of a stream’s name': (stream) =>
        streamNameFilter({ regex: `^[a-z]+-${stream.slice(6)}$` }),
      'the beginning of a type': (stream) =>
        eventTypeFilter({ prefixes: [`${stream}-wan`, 'none'] }),
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

    it('says where it is every window times interval events, and when it catches up', async () => {
      const position = await append(newStream(), many(1));
      await append(newStream(), many(100, 'unwanted'));
      const { subscription, checkpoints } = withCheckpoints(position, 'wanted');
      subscription.resume();
      await once(subscription, 'caughtUp');
      // After pages 2, 4, 6, 8 and 10, and at the end: where each of them began.
      expect(checkpoints).to.have.length(6);
      const { records } = tested.double.log;
      const start = records.findIndex((record) => BigInt(record.position) === position.commit);
      const began = [10, 30, 50, 70, 90, 100].map((at) =>
        BigInt(records[start + at]?.position ?? 0),
      );
      expect(commitsOf(checkpoints)).to.deep.equal(began);

      const stream = newStream();
      for (const _ of range(0, 45)) await append(stream, many(1, 'unwanted'));
      await eventually('two more checkpoints', () => checkpoints.length === 8);
      const live = records.filter((record) => record.stream === stream);
      expect(commitsOf(checkpoints).slice(6)).to.deep.equal(
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
