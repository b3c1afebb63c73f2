import { expect } from 'chai';
import { limitConcurrency } from '../../../../src/infra/readModels/scratch/limitConcurrency.js';
import { AsksTooMuch, PastUnavailable } from '../../../../src/queries/ports/pastReadModels.js';
import { rejection } from '../../../support/deciders/rejection.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;
const usual = { running: 2, runningOfOne: 1, waiting: 6, waitingOfOne: 4 };

describe('Few at once', () => {
  const setUp = (places = usual) => {
    const inTurn = limitConcurrency(places);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    return {
      begun,
      ask: (name: string, signal = never) =>
        inTurn(
          name.slice(0, 1),
          () =>
            new Promise<string>((resolve) => {
              begun.push(name);
              ends.set(name, () => {
                resolve(name);
              });
            }),
          signal,
        ),
      end: async (name: string) => {
        await settled();
        ends.get(name)?.();
        await settled();
      },
    };
  };

  it('run, and nobody waits behind all that another person has asked', async () => {
    const { begun, ask, end } = setUp();
    const done = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => ask(name));
    await settled();
    expect(begun).to.deep.equal(['a1', 'b1']);
    await end('a1');
    expect(begun.at(-1)).to.equal('c1');
    for (const name of ['b1', 'c1', 'a2', 'b2', 'a3']) await end(name);
    expect(begun).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect(await Promise.all(done)).to.have.length(6);
  });

  it('leave a place for others, and take one person’s in their order', async () => {
    const { begun, ask, end } = setUp();
    const done = ['a1', 'a2', 'a3'].map((name) => ask(name));
    await settled();
    expect(begun).to.deep.equal(['a1']);
    void ask('b1');
    await settled();
    expect(begun).to.deep.equal(['a1', 'b1']);
    for (const name of ['a1', 'a2', 'a3']) await end(name);
    expect(await Promise.all(done)).to.deep.equal(['a1', 'a2', 'a3']);
  });

  it('are refused to whoever has too many waiting, and to all when all together have', async () => {
    const { ask, end } = setUp();
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) void ask(name);
    await rejection(ask('a6'), AsksTooMuch);
    for (const name of ['b1', 'b2', 'b3']) void ask(name);
    await rejection(ask('c1'), PastUnavailable);
    await end('a1');
    void ask('a6');
    for (const name of ['a2', 'b1', 'a3', 'b2', 'a4', 'b3', 'a5', 'a6']) await end(name);
    const last = ask('c2');
    await end('c2');
    expect(await last).to.equal('c2');
  });

  it('let whoever goes while waiting go, and pass their turn on', async () => {
    const { ask, end } = setUp({ ...usual, running: 1 });
    void ask('a1');
    const gone = new AbortController();
    const waiting = ask('a2', gone.signal);
    const last = ask('a3');
    gone.abort(new Error('gone'));
    expect((await rejection(waiting, Error)).message).to.equal('gone');
    await end('a1');
    await end('a3');
    expect(await last).to.equal('a3');
  });

  it('go on after work that failed', async () => {
    const inTurn = limitConcurrency(usual);
    await rejection(
      inTurn('a', () => Promise.reject(new Error('broken')), never),
      Error,
    );
    expect(await inTurn('a', () => Promise.resolve('well'), never)).to.equal('well');
  });
});
