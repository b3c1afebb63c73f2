import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  ANY,
  EventStoreDBClient,
  jsonEvent,
  StreamDeletedError,
  UnavailableError,
  type AppendResult,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../deciders/rejection.js';
import { startDoubleProcess, type DoubleProcess } from './doubleProcess.js';

describe('the EventStoreDB double as a process', () => {
  let folder: string;
  let dataFile: string;
  const processes: DoubleProcess[] = [];
  const clients: EventStoreDBClient[] = [];

  const start = async (...options: string[]): Promise<DoubleProcess> => {
    const started = await startDoubleProcess(options);
    processes.push(started);
    return started;
  };

  const clientOf = (connectionString: string): EventStoreDBClient => {
    const client = EventStoreDBClient.connectionString(connectionString);
    clients.push(client);
    return client;
  };

  const append = (
    client: EventStoreDBClient,
    stream: string,
    number: number,
  ): Promise<AppendResult> =>
    client.appendToStream(stream, jsonEvent({ type: 'film', data: { number } }), {
      credentials: { username: 'admin', password: 'changeit' },
    });

  const numbersOf = async (client: EventStoreDBClient, stream: string): Promise<unknown[]> => {
    const numbers: unknown[] = [];
    for await (const { event } of client.readStream(stream)) {
      numbers.push((event?.data as { number: number }).number);
    }
    return numbers;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eventstoredb-process-'));
    dataFile = join(folder, 'log');
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
    await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
    await rm(folder, { recursive: true });
  });

  it('says where it is, and ends when it is told to', async () => {
    const double = await start('--nodes', '3', '--tls');
    expect(double.ports).to.have.length(3);
    await append(clientOf(double.connectionString), 'films', 1);
    await double.end('SIGTERM');
  });

  it('has what it acknowledged when it is killed and started again', async () => {
    const killed = await start('--data', dataFile);
    const before = clientOf(killed.connectionString);
    const { position } = await append(before, 'films', 1);
    await append(before, 'deleted', 1);
    await before.deleteStream('deleted', { expectedRevision: ANY });
    await append(before, 'gone', 1);
    await before.tombstoneStream('gone', { expectedRevision: ANY });
    await killed.end('SIGKILL');
    await appendFile(dataFile, '[{"id":"never acknowledged');

    const [port] = killed.ports;
    await start('--data', dataFile, '--port', String(port));
    const after = clientOf(killed.connectionString);
    expect(await numbersOf(after, 'films')).to.deep.equal([1]);
    await append(after, 'deleted', 2);
    expect(await numbersOf(after, 'deleted')).to.deep.equal([2]);
    await rejection(append(after, 'gone', 2), StreamDeletedError);
    const second = await append(after, 'films', 2);
    expect(second.nextExpectedRevision).to.equal(1n);
    expect(Number(second.position?.commit)).to.be.greaterThan(Number(position?.commit));
  });

  it('does with its nodes what it is told', async () => {
    const double = await start('--nodes', '3');
    const [first, second] = double.ports.map((port) =>
      clientOf(`esdb://admin:changeit@127.0.0.1:${String(port)}?tls=false`),
    );
    if (first === undefined || second === undefined) throw new Error('there are no nodes');
    await append(first, 'films', 1);
    await double.command('kill 0');
    await rejection(append(first, 'films', 2), UnavailableError);
    await append(second, 'films', 2);
    await double.command('revive 0');
    await append(first, 'films', 3);
    await double.command('elect 2');
    await double.command('drop 1');
    expect(await numbersOf(first, 'films')).to.deep.equal([1, 2, 3]);
    const refusal = await rejection(double.command('kill 7'), Error);
    expect(refusal.message).to.include('no node 7');
  });

  it('hangs while it is stopped, which a client notices that pings', async () => {
    const double = await start();
    const client = clientOf(
      `${double.connectionString}&keepAliveInterval=100&keepAliveTimeout=1000`,
    );
    await append(client, 'films', 1);
    double.signal('SIGSTOP');
    await rejection(append(client, 'films', 2), UnavailableError);
    double.signal('SIGCONT');
    await append(client, 'films', 3);
  });
});
