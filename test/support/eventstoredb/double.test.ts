import { once } from 'node:events';
import { connect } from 'node:net';

import { DeadlineExceededError, END, UnavailableError } from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../deciders/rejection.js';
import { byAppend, count, film, useDoubles } from './doublesForTests.js';

describe('one node of the EventStoreDB double', () => {
  const { start, clientOf } = useDoubles();

  it('keeps what the client appends', async () => {
    const { connectionString } = await start();
    const client = clientOf(connectionString);
    const { nextExpectedRevision } = await client.appendToStream('films', [film(), film()]);
    expect(nextExpectedRevision).to.equal(1n);
    expect(await count(client.readStream('films'))).to.equal(2);
  });

  it('takes appends one by one from a client whose server has no batches', async () => {
    const { connectionString } = await start({
      without: ['/event_store.client.streams.Streams/BatchAppend'],
    });
    const client = clientOf(connectionString);
    await client.appendToStream('films', film());
    expect(await count(client.readStream('films'))).to.equal(1);
  });

  it('can be older than server features', async () => {
    const { connectionString } = await start({
      without: ['/event_store.client.server_features.ServerFeatures/GetSupportedMethods'],
    });
    const client = clientOf(connectionString);
    await client.appendToStream('films', film());
    expect(await count(client.readStream('films'))).to.equal(1);
  });

  it('refuses connections while it is dead, and has everything when it comes back', async () => {
    const { connectionString, nodes } = await start();
    const client = clientOf(connectionString);
    await client.appendToStream('films', film(), byAppend);
    nodes[0]?.kill();
    await rejection(client.appendToStream('films', film(), byAppend), UnavailableError);
    await nodes[0]?.revive();
    await client.appendToStream('films', film(), byAppend);
    expect(await count(client.readStream('films'))).to.equal(2);
  });

  it('drops the connection that there was first, and leaves the others', async () => {
    const { connectionString, nodes } = await start();
    const older = clientOf(connectionString);
    // Clients of one process that are set up alike share a connection.
    const newer = clientOf(`${connectionString}&keepAliveInterval=20000`);
    const dropped = older.subscribeToStream('films');
    await once(dropped.resume(), 'confirmation');
    const kept = newer.subscribeToStream('films');
    await once(kept.resume(), 'confirmation');

    const failed = once(dropped, 'error');
    nodes[0]?.dropConnections(1);
    const [error] = (await failed) as [unknown];
    expect(error).to.be.instanceOf(UnavailableError);
    const next = once(kept, 'data');
    await newer.appendToStream('films', film(), byAppend);
    await next;
  });

  it('closes even with a subscription that goes on', async () => {
    const double = await start();
    const client = clientOf(double.connectionString);
    const subscription = client.subscribeToAll({ fromPosition: END });
    const failed = once(subscription, 'error');
    await once(subscription, 'confirmation');
    await double.close();
    const [error] = (await failed) as [unknown];
    expect(error).to.be.instanceOf(UnavailableError);
  });

  it('takes connections without a word while it is deaf', async () => {
    const { nodes } = await start();
    const [node] = nodes;
    if (node === undefined) throw new Error('there is no node');
    node.deaf = true;
    const client = clientOf(`${node.connectionString}&defaultDeadline=200`);
    const error = await rejection(client.appendToStream('films', film(), byAppend), Error);
    expect(error).to.have.property('type', 'deadline-exceeded');
  });

  for (const tls of [false, true]) {
    it(`freezes ${tls ? 'over TLS' : 'in the clear'}, and goes on where it stopped`, async () => {
      const { connectionString, nodes } = await start({ tls, freezable: true });
      const [node] = nodes;
      if (node === undefined) throw new Error('there is no node');
      const client = clientOf(connectionString);
      await client.appendToStream('films', film(), byAppend);

      node.frozen = true;
      const hasty = client.appendToStream('other', film(), { ...byAppend, deadline: 100 });
      await rejection(hasty, DeadlineExceededError);
      const patient = client.appendToStream('films', film(), byAppend);
      node.frozen = false;
      await patient;
      expect(await count(client.readStream('films'))).to.equal(2);
    });
  }

  it('has a hundred calls at once on a connection, and no more', async () => {
    const { connectionString } = await start();
    const client = clientOf(connectionString);
    const subscriptions = Array.from({ length: 100 }, () => client.subscribeToAll());
    await Promise.all(
      subscriptions.map((subscription) => once(subscription.resume(), 'confirmation')),
    );
    const oneMore = client.appendToStream('films', film(), { ...byAppend, deadline: 200 });
    await rejection(oneMore, DeadlineExceededError);
    await subscriptions[0]?.unsubscribe();
    await client.appendToStream('films', film(), byAppend);
  });

  it('is not frozen by accident', async () => {
    const { nodes } = await start();
    const [node] = nodes;
    if (node === undefined) throw new Error('there is no node');
    expect(() => {
      node.frozen = true;
    }).to.throw('freezable');
  });

  it('has ports that refuse once it is closed', async () => {
    const double = await start({ nodes: 2 });
    await double.close();
    for (const { port } of double.nodes) {
      const socket = connect(port, '127.0.0.1');
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
      expect(error.code).to.equal('ECONNREFUSED');
    }
  });
});
