import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';

import {
  AccessDeniedError,
  DeadlineExceededError,
  END,
  EventStoreDBClient,
  jsonEvent,
  NotLeaderError,
  UnavailableError,
  type AppendToStreamOptions,
  type EventData,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { eventually } from '../eventually.js';
import { rejection } from '../rejection.js';
import { startEventStoreDouble, type EventStoreDouble } from './double.js';
import type { EventStoreDoubleOptions } from './double.js';

const admin = { username: 'admin', password: 'changeit' };
/** Credentials of its own send an append through `Append`; without, it goes by `BatchAppend`. */
const byAppend: AppendToStreamOptions = { credentials: admin };

const film = (): EventData => jsonEvent({ type: 'film', data: { title: 'Stalker' } });

const count = async (events: AsyncIterable<unknown>): Promise<number> => {
  let read = 0;
  for await (const event of events) read += event === undefined ? 0 : 1;
  return read;
};

describe('the EventStoreDB double', () => {
  const doubles: EventStoreDouble[] = [];
  const clients: EventStoreDBClient[] = [];

  const start = async (options: EventStoreDoubleOptions = {}): Promise<EventStoreDouble> => {
    const double = await startEventStoreDouble(options);
    doubles.push(double);
    return double;
  };

  const clientOf = (connectionString: string): EventStoreDBClient => {
    const client = EventStoreDBClient.connectionString(connectionString);
    clients.push(client);
    return client;
  };

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
    await Promise.all(doubles.splice(0).map((double) => double.close()));
  });

  describe('as one node', () => {
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
  });

  describe('as a cluster', () => {
    it('lets a client find the leader', async () => {
      const { connectionString, leader, nodes } = await start({ nodes: 3 });
      expect(leader()).to.equal(nodes[0]);
      const client = clientOf(connectionString);
      await client.appendToStream('films', film(), { requiresLeader: true });
      expect(await count(client.readStream('films'))).to.equal(1);
    });

    it('sends a client that wants the leader on to it', async () => {
      const { nodes, leader } = await start({ nodes: 3 });
      const client = clientOf(nodes[1]?.connectionString ?? '');
      const options = { ...byAppend, requiresLeader: true };
      const error = await rejection(
        client.appendToStream('films', film(), options),
        NotLeaderError,
      );
      expect(error.leader).to.deep.equal({ address: '127.0.0.1', port: leader()?.port });
      await client.appendToStream('films', film(), options);
    });

    it('elects another leader when its leader dies', async () => {
      const { connectionString, nodes, leader } = await start({ nodes: 3 });
      const client = clientOf(connectionString);
      await client.appendToStream('films', film(), byAppend);
      leader()?.kill();
      expect(leader()).to.equal(nodes[1]);
      await rejection(client.appendToStream('films', film(), byAppend), UnavailableError);
      await client.appendToStream('films', film(), { ...byAppend, requiresLeader: true });
      expect(await count(client.readStream('films'))).to.equal(2);
    });

    it('has no leader while its election goes on', async () => {
      const { nodes, leader } = await start({ nodes: 3, electionMilliseconds: 200 });
      nodes[0]?.kill();
      expect(leader()).to.equal(undefined);
      const client = clientOf(nodes[2]?.connectionString ?? '');
      await rejection(client.appendToStream('films', film(), byAppend), UnavailableError);
      await eventually('another leads', () => leader() === nodes[1]);
      await client.appendToStream('films', film(), byAppend);
    });

    it('has no leader, and answers little, without a majority', async () => {
      const { nodes, leader } = await start({ nodes: 3 });
      nodes[0]?.kill();
      nodes[1]?.kill();
      expect(leader()).to.equal(undefined);
      const client = clientOf(nodes[2]?.connectionString ?? '');
      const refused = await rejection(
        client.appendToStream('films', film(), byAppend),
        UnavailableError,
      );
      expect(refused.message).to.include('Server Is Not Ready');
      await nodes[1]?.revive();
      expect(leader()).to.equal(nodes[1]);
      await client.appendToStream('films', film(), byAppend);
    });

    it('elects whom it is told to', async () => {
      const { nodes, leader, electLeader } = await start({ nodes: 3 });
      electLeader(2);
      expect(leader()).to.equal(nodes[2]);
      expect(nodes[0]?.isLeader).to.equal(false);
    });

    it('leaves alone who lives when it is told to revive him', async () => {
      const { nodes, leader, electLeader } = await start({ nodes: 3 });
      electLeader(2);
      nodes[1]?.kill();
      await Promise.all(nodes.flatMap((node) => [node.revive(), node.revive()]));
      expect(leader()).to.equal(nodes[2]);
      expect(nodes.map(({ isAlive }) => isAlive)).to.deep.equal([true, true, true]);
    });

    it('has read-only replicas, which are read and not written', async () => {
      const { nodes, connectionString } = await start({ nodes: 1, readOnlyReplicas: 1 });
      const writer = clientOf(nodes[0]?.connectionString ?? '');
      await writer.appendToStream('films', film(), byAppend);
      const reader = clientOf(`${connectionString}&nodePreference=read_only_replica`);
      expect(await count(reader.readStream('films'))).to.equal(1);
      const error = await rejection(
        reader.appendToStream('films', film(), byAppend),
        NotLeaderError,
      );
      expect(error.leader.port).to.equal(nodes[0]?.port);
    });
  });

  describe('over TLS', () => {
    it('is trusted by a client that knows its CA, and by no other', async () => {
      const { connectionString, nodes } = await start({ tls: true });
      const client = clientOf(connectionString);
      await client.appendToStream('films', film());
      expect(await count(client.readStream('films'))).to.equal(1);
      const stranger = clientOf(`esdb://admin:changeit@127.0.0.1:${String(nodes[0]?.port)}`);
      await rejection(stranger.appendToStream('films', film(), byAppend), UnavailableError);
    });

    it('removes its certificates when it is closed', async () => {
      const double = await start({ tls: true });
      expect(existsSync(double.caFile ?? '')).to.equal(true);
      await double.close();
      expect(existsSync(double.caFile ?? '')).to.equal(false);
    });

    it('refuses a wrong password, whatever is asked', async () => {
      const { connectionString } = await start({ tls: true });
      const client = clientOf(connectionString);
      const credentials = { username: 'admin', password: 'wrong' };
      await rejection(client.appendToStream('films', film(), { credentials }), AccessDeniedError);
      await rejection(count(client.readStream('films', { credentials })), AccessDeniedError);
    });

    it('takes a user by his certificate', async () => {
      const double = await start({ tls: true });
      const { certFile, keyFile } = await double.issueToUser('admin');
      const url = `esdb://127.0.0.1:${String(double.nodes[0]?.port)}?tlsCAFile=${double.caFile ?? ''}`;
      const nobody = clientOf(url);
      await rejection(nobody.appendToStream('films', film()), AccessDeniedError);
      const admin = clientOf(`${url}&userCertFile=${certFile}&userKeyFile=${keyFile}`);
      await admin.appendToStream('films', film());
      expect(await count(admin.readStream('films'))).to.equal(1);
    });
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
