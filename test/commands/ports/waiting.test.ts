import { expect } from 'chai';
import { EventStoreError } from '../../../src/commands/ports/eventStore.js';
import {
  atMost,
  createBackOff,
  pause,
  unlessStopped,
} from '../../../src/commands/ports/waiting.js';
import { rejection } from '../../support/deciders/rejection.js';

const LONG_MS = 3_600_000;

describe('Waiting', () => {
  it('ends without an error when the signal aborts, before it or meanwhile', async () => {
    await pause(LONG_MS, AbortSignal.abort());
    const leaving = new AbortController();
    const waiting = pause(LONG_MS, leaving.signal);
    leaving.abort();
    await waiting;
  });

  it('takes twice as long after each failure, up to the last, and begins anew after a success', () => {
    const backOff = createBackOff(100, 1_000);
    for (const most of [100, 200, 400, 800, 1_000, 1_000]) {
      expect(backOff.next(), String(most)).to.be.within(most / 2, most);
    }
    backOff.reset();
    expect(backOff.next()).to.be.within(50, 100);
  });

  it('for an end takes no longer than it may, and no longer than the work', async () => {
    await atMost(1, new Promise(() => undefined));
    await atMost(LONG_MS, Promise.resolve());
    const failed = atMost(LONG_MS, Promise.reject(new RangeError('it failed')));
    expect((await rejection(failed, RangeError)).message).to.equal('it failed');
  });

  it('for what goes on by itself is given up at the signal', async () => {
    const leaving = new AbortController();
    const waiting = unlessStopped(new Promise<void>(() => undefined), leaving.signal);
    leaving.abort();
    expect((await rejection(waiting, EventStoreError)).failure.kind).to.equal('aborted');
    expect(await unlessStopped(Promise.resolve(1), new AbortController().signal)).to.equal(1);
  });
});
