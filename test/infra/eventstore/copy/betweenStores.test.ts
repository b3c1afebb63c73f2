import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { byAppending } from '../../../../src/infra/eventstore/copy/byAppending.js';
import { copyLog } from '../../../../src/infra/eventstore/copy/copyLog.js';
import { CopyRefused } from '../../../../src/infra/eventstore/copy/copyTarget.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { anEvent, newStream, numbered, readEverything } from '../contract/log.js';
import {
  contentsOf,
  eventStoreDbSide,
  postgresSide,
  writeHistory,
  type EventStoreDbSide,
  type PostgresSide,
  type TestSide,
} from './sides.js';

const EVENTS = 600;

describe('Copying a log to EventStoreDB and back', () => {
  let source: PostgresSide;
  let cluster: EventStoreDbSide;

  before(async () => {
    source = await postgresSide();
    await writeHistory(source.store, EVENTS);
  });
  after(() => source.remove());

  beforeEach(async () => {
    cluster = await eventStoreDbSide();
  });
  afterEach(() => cluster.remove());

  const copy = (from: TestSide, to: Pick<TestSide, 'target'>, stop = new AbortController()) =>
    copyLog({
      ...{ source: from.source, target: to.target, dryRun: false, signal: stop.signal },
    });

  it('keeps order, revisions, ids, types, data, metadata and times both ways', async () => {
    const events = await contentsOf(source.store);
    const there = await copy(source, cluster);
    expect(await contentsOf(cluster.store)).to.deep.equal(events);
    const home = await postgresSide();
    try {
      const back = await copy(cluster, home);
      expect(await contentsOf(home.store)).to.deep.equal(events);
      expect([there.copied, back.copied]).to.deep.equal([events.length, events.length]);
      expect(back.verified?.digests).to.deep.equal(there.verified?.digests);
    } finally {
      await home.remove();
    }
  });

  it('brings what was recorded there back to the log of before', async () => {
    const home = await postgresSide();
    try {
      await writeHistory(home.store, 100);
      const { copied } = await copy(home, cluster);
      const stream = newStream();
      await cluster.store.append(stream, numbered(3), { expectedRevision: 'no-stream' });
      const back = await copy(cluster, home);
      expect(back).to.deep.include({ already: copied, copied: 3 });
      expect(await contentsOf(home.store)).to.deep.equal(await contentsOf(cluster.store));
      expect((await home.store.readStream(stream)).lastRevision).to.equal(2n);
    } finally {
      await home.remove();
    }
  });

  it('goes on where it was interrupted, in the middle of a page as well', async () => {
    let interrupted = 0;
    const { log } = cluster.target;
    for (let appends = 90; ; appends *= 2) {
      const stopping = new AbortController();
      let left = appends;
      const target = {
        log: {
          ...log,
          write: async (...[events, after, options]: Parameters<typeof log.write>) => {
            for (const event of events) {
              left -= 1;
              if (left === 0) stopping.abort(new Error('enough'));
              stopping.signal.throwIfAborted();
              await log.write([event], after, options);
            }
            return after;
          },
        },
      };
      const work = copy(source, { target }, stopping);
      if ((await work.catch((error: unknown) => error)) instanceof Error) interrupted += 1;
      else break;
    }
    expect(interrupted).to.be.at.least(3);
    expect(await contentsOf(cluster.store)).to.deep.equal(await contentsOf(source.store));
  });

  it('writes everything once when two do it at the same time', async () => {
    const outcomes = await Promise.allSettled([copy(source, cluster), copy(source, cluster)]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).to.be.instanceOf(CopyRefused);
    }
    const { verified } = await copy(source, cluster);
    expect(verified?.digests.source).to.equal(verified?.digests.target);
    expect(await contentsOf(cluster.store)).to.deep.equal(await contentsOf(source.store));
  });

  it('waits for a server that goes away, before a write, after it, and in the middle of a read', async () => {
    const { faults } = cluster.double;
    const drop = { effect: { kind: 'drop' } } as const;
    const struck = [
      faults.inject({ ...drop, at: 'beforeWrite', skip: 20, times: 2 }),
      faults.inject({ ...drop, at: 'afterWrite', skip: 90, times: 2 }),
      faults.inject({ ...drop, at: 'answer', method: 'Read', skip: 700, times: 2 }),
    ];
    await copy(source, cluster);
    expect(struck.map((fault) => fault.struck)).to.deep.equal([2, 2, 2]);
    expect(await contentsOf(cluster.store)).to.deep.equal(await contentsOf(source.store));
  });

  it('sends appends without waiting for each, but not without limit', async () => {
    let inFlight = 0;
    let most = 0;
    const target = byAppending({
      ...cluster.store,
      appendCopies: async (...parameters) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        return cluster.store.appendCopies(...parameters).finally(() => (inFlight -= 1));
      },
    });
    await copy(source, { target: { log: target } });
    expect(most).to.be.within(500, 1_024);
    expect(await contentsOf(cluster.store)).to.deep.equal(await contentsOf(source.store));
  });

  it('ends where an append is lost, and one behind it is not, and is not continued', async () => {
    let left = 20;
    const target = byAppending({
      ...cluster.store,
      appendCopies: async (...parameters) => {
        left -= 1;
        if (left === 0) {
          await cluster.store.readStream('nothing');
          throw new EventStoreError({ kind: 'unavailable' }, 'lost');
        }
        return cluster.store.appendCopies(...parameters);
      },
    });
    const work = copy(source, { target: { log: target } });
    const { message } = await rejection(work, CopyRefused);
    expect(message).to.match(/^The target has .* before events that it follows.* an empty log/);
    const again = await rejection(copy(source, cluster), CopyRefused);
    expect(again.message).to.match(/another history/);
  });

  it('divides what follows in one stream by what a server takes in one append', async () => {
    const heavy = await postgresSide();
    try {
      const text = 'x'.repeat(100_000);
      const events = Array.from({ length: 30 }, (_, nth) => anEvent('Heavy', { nth, text }));
      await heavy.store.append('heavy', events, { expectedRevision: 'no-stream' });
      await heavy.store.append('many', numbered(1_700), { expectedRevision: 'no-stream' });
      await copy(heavy, cluster);
      expect(await contentsOf(cluster.store)).to.deep.equal(await contentsOf(heavy.store));
    } finally {
      await heavy.remove();
    }
  });

  it('says which event is larger than the server takes', async () => {
    const heavy = await postgresSide();
    try {
      await heavy.store.append('small', numbered(1), { expectedRevision: 'no-stream' });
      const event = anEvent('Heavy', { text: 'x'.repeat(1_200_000) });
      await heavy.store.append('heavy', [event], { expectedRevision: 'no-stream' });
      const { message } = await rejection(copy(heavy, cluster), CopyRefused);
      expect(message)
        .to.include('heavy at revision 0')
        .and.to.match(/larger than it allows/);
    } finally {
      await heavy.remove();
    }
  });

  it('is refused where the target has a history of its own, and nothing is written', async () => {
    await cluster.store.append('account-1', numbered(1), { expectedRevision: 'no-stream' });
    const { message } = await rejection(copy(source, cluster), CopyRefused);
    expect(message).to.match(/another history/);
    expect(await readEverything(cluster.store)).to.have.length(1);
  });

  it('ends where somebody writes to a stream of the copy meanwhile', async () => {
    const [last] = (await readEverything(source.store)).slice(-1);
    const { log } = cluster.target;
    const write: typeof log.write = async (...parameters) => {
      await cluster.store.append(last?.stream ?? '', numbered(100), { expectedRevision: 'any' });
      return log.write(...parameters);
    };
    const work = copy(source, { target: { log: { ...log, write } } });
    const { message } = await rejection(work, CopyRefused);
    expect(message).to.include('Stop what writes to it');
  });

  it('leaves out what others have on the same server', async () => {
    const client = EventStoreDBClient.connectionString(cluster.double.connectionString);
    try {
      await client.appendToStream('invoices-1', jsonEvent({ type: 'Paid', data: { euro: 5 } }));
      await copy(source, cluster);
      await client.appendToStream('invoices-2', jsonEvent({ type: 'Paid', data: { euro: 6 } }));
    } finally {
      await client.dispose();
    }
    const home = await postgresSide();
    try {
      await copy(cluster, home);
      expect(await contentsOf(home.store)).to.deep.equal(await contentsOf(source.store));
    } finally {
      await home.remove();
    }
  });

  it('takes an id, whatever it is, and metadata that nobody here knows', async () => {
    const odd = await postgresSide();
    try {
      const event = anEvent('Odd', {});
      const metadata = {
        ...event.metadata,
        ...{ userId: randomUUID(), traceparent: '00-ab-cd-01', tenant: { name: 'x' }, $odd: 1 },
      };
      await odd.store.append('odd', [{ ...event, metadata }], { expectedRevision: 'no-stream' });
      await copy(odd, cluster);
      expect(await contentsOf(cluster.store)).to.deep.equal(await contentsOf(odd.store));
    } finally {
      await odd.remove();
    }
  });
});
