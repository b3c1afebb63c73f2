import { status } from '@grpc/grpc-js';
import {
  EventStoreDBClient,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  UnsupportedError,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../../deciders/rejection.js';
import { startEventStoreDouble, type EventStoreDouble } from '../double.js';

const toStream = persistentSubscriptionToStreamSettingsFromDefaults();
const toAll = persistentSubscriptionToAllSettingsFromDefaults();

const drain = async (events: AsyncIterable<unknown>): Promise<void> => {
  for await (const event of events) expect(event).to.equal('never sent');
};

/** Every call of the client that is not about streams. */
const calls: Readonly<Record<string, (client: EventStoreDBClient) => Promise<unknown>>> = {
  createPersistentSubscriptionToStream: (client) =>
    client.createPersistentSubscriptionToStream('films', 'group', toStream),
  createPersistentSubscriptionToAll: (client) =>
    client.createPersistentSubscriptionToAll('group', toAll),
  updatePersistentSubscriptionToStream: (client) =>
    client.updatePersistentSubscriptionToStream('films', 'group', toStream),
  updatePersistentSubscriptionToAll: (client) =>
    client.updatePersistentSubscriptionToAll('group', toAll),
  deletePersistentSubscriptionToStream: (client) =>
    client.deletePersistentSubscriptionToStream('films', 'group'),
  deletePersistentSubscriptionToAll: (client) => client.deletePersistentSubscriptionToAll('group'),
  subscribeToPersistentSubscriptionToStream: (client) =>
    drain(client.subscribeToPersistentSubscriptionToStream('films', 'group')),
  subscribeToPersistentSubscriptionToAll: (client) =>
    drain(client.subscribeToPersistentSubscriptionToAll('group')),
  getPersistentSubscriptionToStreamInfo: (client) =>
    client.getPersistentSubscriptionToStreamInfo('films', 'group'),
  getPersistentSubscriptionToAllInfo: (client) =>
    client.getPersistentSubscriptionToAllInfo('group'),
  listAllPersistentSubscriptions: (client) => client.listAllPersistentSubscriptions(),
  listPersistentSubscriptionsToStream: (client) =>
    client.listPersistentSubscriptionsToStream('films'),
  listPersistentSubscriptionsToAll: (client) => client.listPersistentSubscriptionsToAll(),
  replayParkedMessagesToStream: (client) => client.replayParkedMessagesToStream('films', 'group'),
  replayParkedMessagesToAll: (client) => client.replayParkedMessagesToAll('group'),
  restartPersistentSubscriptionSubsystem: (client) =>
    client.restartPersistentSubscriptionSubsystem(),
  createProjection: (client) => client.createProjection('projection', 'fromAll()'),
  updateProjection: (client) => client.updateProjection('projection', 'fromAll()'),
  deleteProjection: (client) => client.deleteProjection('projection'),
  enableProjection: (client) => client.enableProjection('projection'),
  disableProjection: (client) => client.disableProjection('projection'),
  abortProjection: (client) => client.abortProjection('projection'),
  resetProjection: (client) => client.resetProjection('projection'),
  getProjectionResult: (client) => client.getProjectionResult('projection'),
  getProjectionState: (client) => client.getProjectionState('projection'),
  getProjectionStatus: (client) => client.getProjectionStatus('projection'),
  listProjections: (client) => client.listProjections(),
  restartSubsystem: (client) => client.restartSubsystem(),
};

/** What the client asks server features for before it calls. */
const createToAll = '/event_store.client.persistent_subscriptions.PersistentSubscriptions/Create';

describe('what the EventStoreDB double has not got', () => {
  let double: EventStoreDouble;
  let client: EventStoreDBClient;

  before(async () => {
    double = await startEventStoreDouble();
    client = EventStoreDBClient.connectionString(double.connectionString);
  });

  after(async () => {
    await client.dispose();
    await double.close();
  });

  for (const [name, call] of Object.entries(calls)) {
    it(`is answered UNIMPLEMENTED: ${name}`, async () => {
      const error = await rejection(call(client), Error);
      expect(error).to.have.property('code', status.UNIMPLEMENTED);
    });
  }

  it('names every other public call of the client', () => {
    const isCall = (name: string): boolean =>
      /Projection|PersistentSubscription|ParkedMessages|Subsystem/.test(name) &&
      !name.includes('HTTP');
    const prototypes: object[] = [];
    for (
      let prototype: object | null = EventStoreDBClient.prototype;
      prototype !== null && prototype !== Object.prototype;
      prototype = Object.getPrototypeOf(prototype) as object | null
    ) {
      prototypes.push(prototype);
    }
    const names = prototypes.flatMap((prototype) => Object.getOwnPropertyNames(prototype));
    expect(names.filter(isCall)).to.have.members(Object.keys(calls));
  });

  it('is not asked for by a client that a server has told so', async () => {
    const older = await startEventStoreDouble({ without: [createToAll] });
    const itsClient = EventStoreDBClient.connectionString(older.connectionString);
    try {
      await rejection(
        itsClient.createPersistentSubscriptionToAll('group', toAll),
        UnsupportedError,
      );
    } finally {
      await itsClient.dispose();
      await older.close();
    }
  });
});
