import { Metadata, status } from '@grpc/grpc-js';
import {
  CancelledError,
  DeadlineExceededError,
  EventStoreDBClient,
  jsonEvent,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
  type AppendResult,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../../deciders/rejection.js';
import { startEventStoreDouble, type EventStoreDouble } from '../double.js';
import type { Effect, Moment } from './faults.js';

describe('faults of the EventStoreDB double', () => {
  let double: EventStoreDouble;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    double = await startEventStoreDouble();
    client = EventStoreDBClient.connectionString(double.connectionString);
  });

  afterEach(async () => {
    await client.dispose();
    await double.close();
  });

  const append = (deadline = 10_000): Promise<AppendResult> =>
    client.appendToStream('films', jsonEvent({ type: 'film', data: {} }), {
      // An append with credentials of its own goes by `Append`, with a deadline that gRPC keeps.
      credentials: { username: 'admin', password: 'changeit' },
      deadline,
    });

  const stored = (): number => double.log.lastEventNumber('films') + 1;

  const strike = (at: Moment, effect: Effect): void => {
    double.faults.inject({ at, effect, method: 'Append', stream: 'films' });
  };

  it('end a call with any status before it is handled', async () => {
    strike('request', { kind: 'status', status: { code: status.UNAVAILABLE, details: 'busy' } });
    await rejection(append(), UnavailableError);
    expect(stored()).to.equal(0);
    await append();
    expect(stored()).to.equal(1);
  });

  it('can be a leader that is another node', async () => {
    const metadata = new Metadata();
    metadata.set('exception', 'not-leader');
    metadata.set('leader-endpoint-host', 'elsewhere');
    metadata.set('leader-endpoint-port', '2113');
    strike('request', { kind: 'status', status: { code: status.NOT_FOUND, metadata } });
    const error = await rejection(append(), NotLeaderError);
    expect(error.leader).to.deep.equal({ address: 'elsewhere', port: 2113 });
  });

  it('cut the connection before the write, which is then lost', async () => {
    strike('beforeWrite', { kind: 'drop' });
    await rejection(append(), UnavailableError);
    expect(stored()).to.equal(0);
    await append();
  });

  it('cut the connection after the write, of which the client then knows nothing', async () => {
    strike('afterWrite', { kind: 'drop' });
    await rejection(append(), UnavailableError);
    expect(stored()).to.equal(1);
  });

  it('kill the node after the write', async () => {
    strike('afterWrite', { kind: 'kill' });
    await rejection(append(), UnavailableError);
    expect(double.nodes[0]?.isAlive).to.equal(false);
    await double.nodes[0]?.revive();
    expect(stored()).to.equal(1);
    await append();
  });

  it('let a call wait longer than its deadline', async () => {
    // Connected before the time counts.
    await append();
    const fault = double.faults.inject({
      at: 'beforeWrite',
      effect: { kind: 'wait', until: new Promise(() => undefined) },
    });
    await rejection(append(500), DeadlineExceededError);
    expect(fault.struck).to.equal(1);
  });

  it('delay a call', async () => {
    strike('answer', { kind: 'delay', milliseconds: 50 });
    await append();
    expect(stored()).to.equal(1);
  });

  it('end a subscription after so many events', async () => {
    for (let film = 0; film < 5; film++) await append();
    double.faults.inject({
      at: 'answer',
      method: 'Read',
      skip: 3,
      effect: { kind: 'status', status: { code: status.CANCELLED, details: 'Call cancelled' } },
    });
    const read: bigint[] = [];
    const follow = async (): Promise<void> => {
      for await (const { event } of client.subscribeToStream('films')) {
        if (event) read.push(event.revision);
      }
    };
    await rejection(follow(), CancelledError);
    expect(read).to.deep.equal([0n, 1n, 2n].slice(0, read.length));
  });

  it('strike as often as they are told, after letting as many calls pass', async () => {
    const fault = double.faults.inject({
      at: 'request',
      method: 'Append',
      skip: 1,
      times: 2,
      effect: { kind: 'status', status: { code: status.ABORTED, details: 'Operation timed out' } },
    });
    await append();
    await rejection(append(), TimeoutError);
    await rejection(append(), TimeoutError);
    await append();
    expect(fault.struck).to.equal(2);
    await fault.first;
  });

  it('let go of the calls that they hold when they are removed', async () => {
    const fault = double.faults.inject({
      at: 'beforeWrite',
      effect: { kind: 'wait', until: new Promise(() => undefined) },
    });
    const appended = append();
    await fault.first;
    expect(stored()).to.equal(0);
    fault.remove();
    await appended;
    expect(stored()).to.equal(1);
  });

  it('strike one node of several', async () => {
    await double.close();
    double = await startEventStoreDouble({ nodes: 3 });
    double.faults.inject({ at: 'request', node: 1, times: Infinity, effect: { kind: 'kill' } });
    const [first, second] = double.nodes.map(({ connectionString }) =>
      EventStoreDBClient.connectionString(connectionString),
    );
    try {
      await first?.appendToStream('films', jsonEvent({ type: 'film', data: {} }));
      expect(double.nodes[1]?.isAlive).to.equal(true);
      const lost = second?.appendToStream('films', jsonEvent({ type: 'film', data: {} }));
      await rejection(Promise.resolve(lost), UnavailableError);
      expect(double.nodes[1]?.isAlive).to.equal(false);
    } finally {
      await first?.dispose();
      await second?.dispose();
    }
  });
});
