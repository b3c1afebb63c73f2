import { setTimeout as sleep } from 'node:timers/promises';

import { EventStoreDBClient, jsonEvent, START, type ReadPosition } from '@eventstore/db-client';
import { expect } from 'chai';

import { eventually } from '../../run/eventually.js';
import { seededChance, testSeed } from '../../histories/seededChance.js';
import { startEventStoreDouble, type EventStoreDouble } from '../double.js';
import type { Moment } from './faults.js';

const faults = 20;
const writers = 4;
const moments: readonly Moment[] = ['request', 'beforeWrite', 'afterWrite', 'answer'];

describe('the EventStoreDB double under random faults', () => {
  let double: EventStoreDouble;
  const clients: EventStoreDBClient[] = [];
  let isWriting = true;
  let isFollowing = true;

  before(async () => {
    double = await startEventStoreDouble({ nodes: 3 });
  });

  after(async () => {
    isWriting = false;
    isFollowing = false;
    await Promise.all(clients.map((client) => client.dispose()));
    await double.close();
  });

  const connect = (): EventStoreDBClient => {
    const client = EventStoreDBClient.connectionString(
      `${double.connectionString}&maxDiscoverAttempts=100&discoveryInterval=20`,
    );
    clients.push(client);
    return client;
  };

  it(`has once what it acknowledged, and shows it once (seed ${String(testSeed)})`, async () => {
    const chance = seededChance(testSeed);
    const acknowledged: string[] = [];
    const seen: string[] = [];

    const write = async (number: number): Promise<void> => {
      const client = connect();
      while (isWriting) {
        const event = jsonEvent({ type: 'film', data: { number } });
        try {
          // One by one: answers to a batch of one client settle those of every other in the process.
          await client.appendToStream(`films-${String(number)}`, event, {
            credentials: { username: 'admin', password: 'changeit' },
          });
          acknowledged.push(event.id);
        } catch {
          await sleep(5);
        }
      }
    };

    const follow = async (): Promise<void> => {
      const client = connect();
      let fromPosition: ReadPosition = START;
      while (isFollowing) {
        try {
          for await (const { event } of client.subscribeToAll({ fromPosition })) {
            if (event === undefined) continue;
            fromPosition = event.position;
            if (event.type === 'film') seen.push(event.id);
            if (event.type === 'end') return;
          }
        } catch {
          await sleep(5);
        }
      }
    };

    const strike = async (): Promise<void> => {
      const node = chance.pick(double.nodes);
      switch (chance.between(0, 3)) {
        case 0:
          node.kill();
          break;
        case 1:
          node.dropConnections();
          break;
        case 2:
          double.faults.inject({ at: chance.pick(moments), effect: { kind: 'kill' } });
          break;
        case 3:
          double.faults.inject({ at: chance.pick(moments), effect: { kind: 'drop' } });
          break;
      }
      // With two of three dead nothing is written, and the next fault has nothing to hit.
      const dead = double.nodes.filter(({ isAlive }) => !isAlive);
      if (dead.length > 1) await Promise.all(dead.map((one) => one.revive()));
    };

    const writing = Array.from({ length: writers }, (_, number) => write(number));
    const following = follow();
    try {
      for (let fault = 0; fault < faults; fault++) {
        const before = acknowledged.length;
        await strike();
        await eventually('appends go on after a fault', async () => {
          const dead = double.nodes.filter(({ isAlive }) => !isAlive);
          if (dead.length > 1) await Promise.all(dead.map((one) => one.revive()));
          return acknowledged.length > before + 5;
        });
      }
    } finally {
      isWriting = false;
      double.faults.clear();
      await Promise.all(double.nodes.map((node) => node.revive()));
      await Promise.all(writing);
      await connect().appendToStream('films-end', jsonEvent({ type: 'end', data: {} }));
      await following;
    }

    const stored = double.log.records.flatMap(({ id, type }) => (type === 'film' ? [id] : []));
    expect(new Set(stored).size).to.equal(stored.length);
    expect(stored).to.include.members(acknowledged);
    expect(seen).to.deep.equal(stored);
  });
});
