import { NotLeaderError, UnavailableError, UnknownError } from '@eventstore/db-client';
import { expect } from 'chai';

import { eventually } from '../run/eventually.js';
import { rejection } from '../deciders/rejection.js';
import { byAppend, count, film, useDoubles } from './doublesForTests.js';

describe('a cluster of the EventStoreDB double', () => {
  const { start, clientOf } = useDoubles();

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
    const error = await rejection(client.appendToStream('films', film(), options), NotLeaderError);
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
    const { nodes, leader } = await start({ nodes: 3, electionMilliseconds: 2_000 });
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

  it('tells an append on a call that goes on that there is no leader any more', async () => {
    const { nodes, leader } = await start({ nodes: 3 });
    const client = clientOf(nodes[2]?.connectionString ?? '');
    await client.appendToStream('films', film());
    nodes[0]?.kill();
    nodes[1]?.kill();
    expect(leader()).to.equal(undefined);
    const refused = await rejection(client.appendToStream('films', film()), UnknownError);
    expect(refused.message).to.include('Server Is Not Ready');
    await nodes[1]?.revive();
    await client.appendToStream('films', film());
    expect(await count(client.readStream('films'))).to.equal(2);
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
    const error = await rejection(reader.appendToStream('films', film(), byAppend), NotLeaderError);
    expect(error.leader.port).to.equal(nodes[0]?.port);
  });
});
