import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStoreDbLog } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { isTooSlow } from '../../../../src/infra/eventstore/eventstoredb/client/storeErrors.js';
import { eventually } from '../../../support/run/eventually.js';
import { idsOf, newStream, numbered } from '../contract/log.js';
import { doubleLog, type DoubleLog } from './eventStoreDbLog.js';
import { followServer } from './followServer.js';

const always = Number.POSITIVE_INFINITY;
/** As servers say it. */
const TOO_SLOW = {
  code: status.ABORTED,
  details:
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
};

describe('Following EventStoreDB', () => {
  let log: DoubleLog;
  let server: EventStoreDbLog;

  beforeEach(async () => {
    log = await doubleLog();
    server = log.openServer();
  });
  afterEach(async () => {
    await server.close();
    await log.remove();
  });

  const append = async (amount: number): Promise<readonly string[]> => {
    const events = numbered(amount);
    await server.append(newStream(), events, { expectedRevision: 'no-stream' });
    return idsOf(events);
  };

  it('gives what is there, then what comes, in order, and each with the whole of its place', async () => {
    const ids = [...(await append(5))];
    const seen = followServer(server);
    try {
      await eventually('it has caught up', () => seen.isLive());
      ids.push(...(await append(3)));
      ids.push(...(await append(2)));
      await eventually('the last is there', () => seen.events().length === ids.length);
    } finally {
      await seen.stop();
    }
    expect(idsOf(seen.events())).to.deep.equal(ids);
    for (const { position, prepare, id } of seen.given.flatMap(({ events }) => events)) {
      expect(await server.places.idAt({ commit: position, prepare })).to.equal(id);
    }
  });

  it('tells that it has caught up of an empty log, and of one without a newer event', async () => {
    const first = followServer(server);
    await eventually('it has caught up', () => first.isLive());
    await first.stop();
    expect(first.events()).to.deep.equal([]);
    await append(2);
    const second = followServer(server, { after: first.reached() });
    await eventually('it has caught up', () => second.isLive());
    await second.stop();
    expect(second.events()).to.have.length(2);
    const third = followServer(server, { after: second.reached() });
    await eventually('it has caught up', () => third.isLive());
    await third.stop();
    expect(third.events()).to.deep.equal([]);
  });

  it('gives no more at once than was asked for, and is live with the last alone', async () => {
    const ids = await append(25);
    const seen = followServer(server, { batchSize: 4 });
    await eventually('it has caught up', () => seen.isLive());
    await seen.stop();
    expect(idsOf(seen.events())).to.deep.equal(ids);
    let had = 0;
    for (const { events, live } of seen.given) {
      had += events.length;
      expect(events.length).to.be.at.most(4);
      if (live) expect(had).to.equal(ids.length);
    }
  });

  it('goes on behind any place where it had got to', async () => {
    const ids = [...(await append(7)), ...(await append(4))];
    const seen = followServer(server, { batchSize: 3 });
    await eventually('it has caught up', () => seen.isLive());
    await seen.stop();
    let had = 0;
    for (const { events, reached } of seen.given) {
      had += events.length;
      if (!reached) continue;
      const next = followServer(server, { after: reached });
      await eventually('it has caught up', () => next.isLive());
      await next.stop();
      expect(idsOf(next.events())).to.deep.equal(ids.slice(had));
    }
  });

  it('gives every event once to who goes on, however often the server drops it', async () => {
    const ids: string[] = [];
    const seen: string[] = [];
    const drops = [
      ...[TOO_SLOW, { code: status.CANCELLED, details: 'Call cancelled' }],
      { code: status.UNAVAILABLE, details: 'Server Is Not Ready' },
    ];
    let reached: ReturnType<ReturnType<typeof followServer>['reached']>;
    for (let nth = 0; nth < 12; nth += 1) {
      ids.push(...(await append(40)));
      const fault = log.double.faults.inject({
        ...{ at: 'answer', method: 'Read', skip: 3 + nth * 5 },
        effect: { kind: 'status', status: drops[nth % drops.length] ?? {} },
      });
      const follower = followServer(server, { after: reached, batchSize: 9 });
      await Promise.race([follower.ended.catch(() => undefined), sleep(100)]);
      fault.remove();
      await follower.stop().catch(() => undefined);
      seen.push(...idsOf(follower.events()));
      reached = follower.reached();
    }
    const rest = followServer(server, { after: reached });
    await eventually('it has caught up', () => rest.isLive());
    await rest.stop();
    expect([...seen, ...idsOf(rest.events())]).to.deep.equal(ids);
  });

  it('takes no server that is slow for one that has given everything', async () => {
    const ids = await append(40);
    // Longer than a server is quiet that cannot say that it has caught up.
    const hung = log.double.faults.inject({
      ...{ at: 'answer', method: 'Read', skip: 10, times: always },
      effect: { kind: 'wait', until: new Promise(() => undefined) },
    });
    const slow = followServer(server);
    await eventually('it has given some', () => slow.events().length > 0);
    await sleep(1_000);
    await slow.stop();
    hung.remove();
    const given = slow.events().length;
    expect(given).to.be.within(1, 20);
    const rest = followServer(server, { after: slow.reached() });
    await eventually('it has caught up', () => rest.isLive());
    await rest.stop();
    expect(idsOf(rest.events())).to.deep.equal(ids.slice(given));
  });

  it('ends with what it was dropped for, having given what had come before', async () => {
    const seen = followServer(server);
    await eventually('it has caught up', () => seen.isLive());
    log.double.faults.inject({
      ...{ at: 'answer', method: 'Read', skip: 1 },
      effect: { kind: 'status', status: TOO_SLOW },
    });
    const [first] = await append(2);
    const dropped: unknown = await seen.ended.catch((error: unknown) => error);
    expect(isTooSlow(dropped)).to.equal(true);
    expect(idsOf(seen.events())).to.deep.equal([first]);
  });

  it('reads no further ahead of a slow consumer than the next batches', async () => {
    for (let times = 0; times < 20; times += 1) await append(1_000);
    const sent = log.double.faults.inject({
      ...{ at: 'answer', method: 'Read', times: always },
      effect: { kind: 'delay', milliseconds: 0 },
    });
    const seen = followServer(server, { batchSize: 50, onGiven: () => sleep(150) });
    await eventually('it has been given some', () => seen.given.length >= 4);
    await seen.stop();
    sent.remove();
    expect(seen.events().length).to.be.within(1, 250);
    expect(sent.struck).to.be.below(10_000);
  });

  it('ends at once when it is stopped, and gives nothing to who had stopped before', async () => {
    await append(1);
    const before: unknown[] = [];
    const signal = AbortSignal.abort();
    for await (const given of server.follow({ batchSize: 10, signal })) before.push(given);
    expect(before).to.deep.equal([]);
    const seen = followServer(server);
    await eventually('it has caught up', () => seen.isLive());
    await seen.stop();
    const { length } = seen.given;
    await append(1);
    expect(seen.given).to.have.length(length);
  });
});
