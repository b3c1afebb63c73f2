import { setImmediate } from 'node:timers/promises';

import { expect } from 'chai';

import { costsOf, parseCosts, realCosts } from './costs.js';
import { count, film, useDoubles } from '../doublesForTests.js';
import { atOnce } from '../log/commits/replication.js';
import { createPacing, sharedFlush } from './pacing.js';

describe('the costs of the EventStoreDB double', () => {
  const { start, clientOf } = useDoubles();

  it('are told as numbers, or as those of a server', () => {
    expect(costsOf(parseCosts('real'))).to.equal(realCosts);
    expect(parseCosts('readMilliseconds=1.5,readsPerSecond=2000')).to.deep.equal({
      readMilliseconds: 1.5,
      readsPerSecond: 2_000,
    });
    for (const wrong of ['', 'reads=3', 'readMilliseconds', 'readMilliseconds=much']) {
      expect(() => parseCosts(wrong), wrong).to.throw('is no cost');
    }
  });

  it('are none where none are asked for', () => {
    const pacing = createPacing(costsOf());
    expect(pacing.begin()).to.equal(undefined);
    expect(pacing.pages()({ events: [1, 2, 3], considered: 1_000_000 })).to.equal(undefined);
    expect(sharedFlush(costsOf())).to.equal(atOnce);
  });

  it('make reads wait for each other, and for what they look at', () => {
    const reads = createPacing(costsOf({ readsPerSecond: 20 }));
    expect(reads.begin()).to.equal(undefined);
    expect(reads.begin()).to.be.instanceOf(Promise);
    const page = { events: [1], considered: 101 };
    for (const costs of [{ eventsPerSecond: 20 }, { scannedPerSecond: 2_000 }]) {
      expect(createPacing(costsOf(costs)).pages()(page)).to.be.instanceOf(Promise);
    }
  });

  it('let appends that arrive while one flush goes on share the next', async () => {
    const flush = sharedFlush(costsOf({ flushMilliseconds: 20 }));
    const flushes: string[][] = [];
    let open: string[] | undefined;
    const write = (name: string): Promise<void> =>
      new Promise((resolve) => {
        flush(() => {
          if (open === undefined) {
            flushes.push((open = []));
            // What is flushed together is told of in one go.
            queueMicrotask(() => (open = undefined));
          }
          open.push(name);
          resolve();
        });
      });
    const first = [write('a'), write('b')];
    await setImmediate();
    await setImmediate();
    await Promise.all([...first, write('c'), write('d')]);
    await write('e');
    expect(flushes).to.deep.equal([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('change nothing else', async () => {
    const double = await start({ costs: 'real' });
    const client = clientOf(double.connectionString);
    await Promise.all(Array.from({ length: 40 }, () => client.appendToStream('films', film())));
    expect(await count(client.readStream('films'))).to.equal(40);
    let seen = 0;
    for await (const { event } of client.subscribeToAll()) {
      if (event?.streamId === 'films' && ++seen === 40) break;
    }
    expect(seen).to.equal(40);
  });
});
