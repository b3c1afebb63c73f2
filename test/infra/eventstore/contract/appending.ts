import { expect } from 'chai';
import type {
  EventStoreFailure,
  ExpectedRevision,
} from '../../../../src/commands/ports/eventStore.js';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { anEvent, idsOf, newStream, numbered, type ContractContext } from './log.js';

/** What an append promises. */
export const describeAppending = ({ store, promises }: ContractContext): void => {
  const append = (
    stream: string,
    events: Parameters<ReturnType<typeof store>['append']>[1],
    expectedRevision: ExpectedRevision = 'any',
  ) => store().append(stream, events, { expectedRevision });

  const failureOf = async (work: Promise<unknown>): Promise<EventStoreFailure> =>
    (await rejection(work, EventStoreError)).failure;

  const streamWith = async (amount: number): Promise<string> => {
    const stream = newStream();
    await append(stream, numbered(amount));
    return stream;
  };

  describe('appending', () => {
    it('keeps an event as it was given and says where it is', async () => {
      const stream = newStream();
      const event = {
        ...anEvent('ThingMeasured', {
          text: 'Amélie – 千と千尋 🎬 "quoted" \\ \n',
          numbers: [0, -1.5, 1e-7, 9_007_199_254_740_991],
          nothing: null,
          nested: { deep: [{ yes: true }] },
        }),
        metadata: {
          correlationId: 'the whole act',
          causationId: 'the command',
          userId: 'who',
          schemaVersion: 3,
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        },
      };
      const before = Date.now();
      const result = await append(stream, [event], 'no-stream');
      const { events } = await store().readStream(stream);
      expect(events).to.have.length(1);
      const [first] = events;
      if (!first) throw new Error('the event is not there');
      const { recordedAt, metadata, ...recorded } = first;
      const { hash, ...given } = metadata;
      expect(hash !== undefined).to.equal(promises.chainsEvents ?? false);
      expect({ ...recorded, metadata: given }).to.deep.equal({
        ...event,
        stream,
        revision: 0n,
        position: result.position,
      });
      expect(result).to.include({ revision: 0n });
      // A clock of another machine may go differently, but not by a day.
      expect(Math.abs(recordedAt.getTime() - before)).to.be.below(86_400_000);
    });

    it('numbers the events of a stream from 0 and answers with the last', async () => {
      const stream = newStream();
      expect(await append(stream, numbered(3), 'no-stream')).to.include({ revision: 2n });
      expect(await append(stream, numbered(2), 2n)).to.include({ revision: 4n });
      const { events } = await store().readStream(stream);
      expect(events.map(({ revision }) => revision)).to.deep.equal([0n, 1n, 2n, 3n, 4n]);
    });

    it('answers with the position of the last event, and later appends have greater ones', async () => {
      const stream = newStream();
      const first = await append(stream, numbered(3));
      const second = await append(newStream(), numbered(1));
      const { events } = await store().readStream(stream);
      expect(events.at(-1)?.position).to.equal(first.position);
      expect(second.position > first.position).to.equal(true);
      expect(await store().headPosition()).to.equal(second.position);
    });

    const accepted: readonly (readonly [ExpectedRevision, number])[] = [
      ['no-stream', 0],
      ['any', 0],
      ['any', 2],
      ['stream-exists', 2],
      [1n, 2],
    ];
    for (const [expected, amount] of accepted) {
      it(`expecting ${expected} is right for a stream of ${amount} events`, async () => {
        const stream = newStream();
        if (amount > 0) await append(stream, numbered(amount));
        const result = await append(stream, numbered(1), expected);
        expect(result).to.include({ revision: BigInt(amount) });
      });
    }

    const refused: readonly (readonly [ExpectedRevision, number])[] = [
      ['no-stream', 2],
      ['stream-exists', 0],
      [0n, 0],
      [0n, 2],
      [2n, 2],
    ];
    for (const [expected, amount] of refused) {
      it(`expecting ${expected} is wrong for a stream of ${amount} events, which the failure says`, async () => {
        const stream = newStream();
        if (amount > 0) await append(stream, numbered(amount));
        expect(await failureOf(append(stream, numbered(1), expected))).to.deep.equal({
          kind: 'wrong-expected-revision',
          stream,
          expected,
          ...(amount > 0 ? { actual: BigInt(amount - 1) } : {}),
        });
        expect((await store().readStream(stream)).events).to.have.length(amount);
      });
    }

    it('of many appends that expect the same revision one succeeds, and the others learn what is there', async () => {
      const stream = await streamWith(1);
      const attempts = await Promise.all(
        Array.from({ length: 20 }, () =>
          append(stream, numbered(1), 0n).then(
            () => 'appended',
            (error: unknown) => (error as EventStoreError).failure,
          ),
        ),
      );
      expect(attempts.filter((attempt) => attempt === 'appended')).to.have.length(1);
      for (const attempt of attempts.filter((each) => each !== 'appended')) {
        expect(attempt).to.include({ kind: 'wrong-expected-revision', actual: 1n });
      }
      expect((await store().readStream(stream)).events).to.have.length(2);
    });

    it('appends all events or none', async () => {
      const stream = await streamWith(1);
      const before = await store().headPosition();
      await failureOf(append(stream, numbered(100), 7n));
      expect((await store().readStream(stream)).lastRevision).to.equal(0n);
      expect(await store().headPosition()).to.equal(before);
    });

    it('refuses an append without events and a stream without a name', async () => {
      expect(await failureOf(append(newStream(), []))).to.include({ kind: 'invalid-event' });
      expect(await failureOf(append('', numbered(1)))).to.include({ kind: 'invalid-event' });
    });

    it('takes half a megabyte in one event', async () => {
      const stream = newStream();
      const text = 'Die Blechtrommel – '.repeat(25_000);
      await append(stream, [anEvent('ThingNoted', { text })]);
      const { events } = await store().readStream(stream);
      expect(events[0]?.data).to.deep.equal({ text });
    });

    it('refuses what is too large, says the limit, and goes on', async () => {
      const stream = newStream();
      const huge = anEvent('ThingNoted', { text: 'x'.repeat(20_000_000) });
      const failure = await failureOf(append(stream, [huge]));
      expect(failure).to.have.keys('kind', 'limitBytes').and.include({ kind: 'too-large' });
      expect((await store().readStream(stream)).events).to.deep.equal([]);
      expect(await append(stream, numbered(1), 'no-stream')).to.include({ revision: 0n });
    });

    it('does nothing for a caller that had stopped waiting', async () => {
      const stream = newStream();
      const signal = AbortSignal.abort();
      const work = store().append(stream, numbered(1), { expectedRevision: 'any', signal });
      expect(await failureOf(work)).to.deep.equal({ kind: 'aborted' });
      expect((await store().readStream(stream)).events).to.deep.equal([]);
    });
  });

  describe('a caller with a time limit', () => {
    it('is told by every call that its time is over', async () => {
      const signal = AbortSignal.abort(new DOMException('too late', 'TimeoutError'));
      const calls = [
        store().append(newStream(), numbered(1), { expectedRevision: 'any', signal }),
        store().readStream(newStream(), { signal }),
        store().readStream(newStream(), { signal, direction: 'backwards' }),
        store().readAll({ signal }),
        store().headPosition({ signal }),
      ];
      for (const failure of await Promise.all(calls.map(failureOf))) {
        expect(failure).to.deep.equal({ kind: 'timeout' });
      }
    });
  });

  describe('appending again', () => {
    const expectations: readonly ExpectedRevision[] = ['no-stream', 'any', 'stream-exists', 3n];
    for (const expected of expectations) {
      it(`gives the first answer for the same events, expecting ${expected}`, async () => {
        const stream = newStream();
        const events = numbered(3);
        const first = await append(stream, events, 'no-stream');
        await append(stream, numbered(2), 2n);
        expect(await append(stream, events, expected)).to.deep.equal(first);
        expect((await store().readStream(stream)).lastRevision).to.equal(4n);
      });
    }

    it('keeps the first content: events are told by their ids', async () => {
      const stream = newStream();
      const [event = anEvent()] = numbered(1);
      const first = await append(stream, [event], 'no-stream');
      const again = await append(stream, [{ ...event, data: { nth: 'other' } }], 'no-stream');
      expect(again).to.deep.equal(first);
      const { events } = await store().readStream(stream);
      expect(events.map(({ data }) => data)).to.deep.equal([{ nth: 0 }]);
    });

    it('appends once when many do it at once', async () => {
      const stream = newStream();
      const events = numbered(2);
      const results = await Promise.all(
        Array.from({ length: 10 }, () => append(stream, events, 'no-stream')),
      );
      expect(new Set(results.map(({ position }) => position)).size).to.equal(1);
      expect(results.every(({ revision }) => revision === 1n)).to.equal(true);
      expect(idsOf((await store().readStream(stream)).events)).to.deep.equal(idsOf(events));
    });
  });
};
