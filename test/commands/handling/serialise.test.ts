import { expect } from 'chai';
import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventStoreError } from '../../../src/commands/ports/eventStore.js';
import { createSerialiser } from '../../../src/commands/handling/serialise.js';
import { rejection } from '../../support/deciders/rejection.js';

/** Work that ends when the test says so. */
const openWork = () => {
  let end: (result: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const work = {
    begun: false,
    run: () => ((work.begun = true), ended),
    end: (as: string) => {
      end(as);
    },
  };
  return work;
};

describe('Turns', () => {
  it('begin at once when nobody is ahead, before the caller goes on', () => {
    const inTurn = createSerialiser();
    const work = openWork();
    void inTurn('one', work.run);
    expect(work.begun).to.equal(true);
  });

  it('of one name come one after the other, those of another at once', async () => {
    const inTurn = createSerialiser();
    const [first, second, other] = [openWork(), openWork(), openWork()];
    const results = [inTurn('one', first.run), inTurn('one', second.run)];
    void inTurn('other', other.run);
    await nextTurn();
    expect([first.begun, second.begun, other.begun]).to.deep.equal([true, false, true]);
    first.end('1st');
    await nextTurn();
    expect(second.begun).to.equal(true);
    second.end('2nd');
    expect(await Promise.all(results)).to.deep.equal(['1st', '2nd']);
  });

  it('go on after one that failed, which only its own caller hears of', async () => {
    const inTurn = createSerialiser();
    const failing = inTurn('one', () => Promise.reject(new RangeError('no')));
    const next = inTurn('one', () => Promise.resolve('yes'));
    await rejection(failing, RangeError);
    expect(await next).to.equal('yes');
  });

  it('of whoever left are passed over, and those behind still wait for those ahead', async () => {
    const inTurn = createSerialiser();
    const [first, left, last] = [openWork(), openWork(), openWork()];
    const leaving = new AbortController();
    void inTurn('one', first.run);
    const waiting = inTurn('one', left.run, leaving.signal);
    void inTurn('one', last.run);
    leaving.abort(new Error('gone'));
    expect((await rejection(waiting, EventStoreError)).failure).to.deep.equal({ kind: 'aborted' });
    await nextTurn();
    expect([left.begun, last.begun]).to.deep.equal([false, false]);
    first.end('');
    await nextTurn();
    expect([left.begun, last.begun]).to.deep.equal([false, true]);
    last.end('');
  });

  it('are not taken by whoever had left before', async () => {
    const work = openWork();
    const waiting = createSerialiser()('one', work.run, AbortSignal.abort());
    await rejection(waiting, EventStoreError);
    expect(work.begun).to.equal(false);
  });

  it('never overlap and keep their order, whatever is handed in when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.nat(2), ticks: fc.nat(3), pause: fc.nat(2) }), {
          maxLength: 30,
        }),
        async (handedIn) => {
          const inTurn = createSerialiser();
          const running = new Set<number>();
          const done: (readonly [name: number, nth: number])[] = [];
          const all: Promise<void>[] = [];
          for (const [nth, { name, ticks, pause }] of handedIn.entries()) {
            all.push(
              inTurn(String(name), async () => {
                expect(running.has(name)).to.equal(false);
                running.add(name);
                for (let tick = 0; tick < ticks; tick += 1) await nextTurn();
                running.delete(name);
                done.push([name, nth]);
              }),
            );
            for (let tick = 0; tick < pause; tick += 1) await nextTurn();
          }
          await Promise.all(all);
          for (const name of [0, 1, 2]) {
            const order = done.filter(([of]) => of === name).map(([, nth]) => nth);
            const handed = [...handedIn.keys()].filter((nth) => handedIn[nth]?.name === name);
            expect(order).to.deep.equal(handed);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
