import {
  AccessDeniedError,
  EventStoreDBClient,
  jsonEvent,
  type Credentials,
  type EventData,
  type StreamACL,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../../deciders/rejection.js';
import { startEventStoreDouble, type EventStoreDouble } from '../double.js';

const as = (username: string): { readonly credentials: Credentials } => ({
  credentials: { username, password: `${username}'s secret` },
});
const ann = as('ann');
const bob = as('bob');

const film = (): EventData => jsonEvent({ type: 'film', data: {} });

const drain = async (events: AsyncIterable<unknown>): Promise<number> => {
  let read = 0;
  for await (const event of events) read += event === undefined ? 0 : 1;
  return read;
};

describe('access to the EventStoreDB double over TLS', () => {
  let double: EventStoreDouble;
  let admin: EventStoreDBClient;
  let nobody: EventStoreDBClient;
  let streams = 0;
  let stream: string;

  before(async () => {
    double = await startEventStoreDouble({
      tls: true,
      users: [
        { name: 'ann', password: "ann's secret", groups: ['editors'] },
        { name: 'bob', password: "bob's secret", groups: [] },
      ],
    });
    admin = EventStoreDBClient.connectionString(double.connectionString);
    nobody = EventStoreDBClient.connectionString(
      double.connectionString.replace('admin:changeit@', ''),
    );
  });

  after(async () => {
    await admin.dispose();
    await nobody.dispose();
    await double.close();
  });

  beforeEach(async () => {
    stream = `films-${String(++streams)}`;
    await admin.appendToStream(stream, film());
  });

  const limit = (acl: StreamACL): Promise<unknown> => admin.setStreamMetadata(stream, { acl });

  it('is not for callers without credentials', async () => {
    await rejection(nobody.appendToStream(stream, film()), AccessDeniedError);
    await rejection(drain(nobody.readStream(stream)), AccessDeniedError);
    await rejection(drain(nobody.subscribeToStream(stream)), AccessDeniedError);
    await rejection(nobody.deleteStream(stream), AccessDeniedError);
    await rejection(nobody.tombstoneStream(stream), AccessDeniedError);
    await rejection(nobody.getStreamMetadata(stream), AccessDeniedError);
  });

  it('is for every user where a stream has no ACL', async () => {
    await nobody.appendToStream(stream, film(), bob);
    expect(await drain(nobody.readStream(stream, bob))).to.equal(2);
    await nobody.setStreamMetadata(stream, { maxCount: 10 }, bob);
    await nobody.deleteStream(stream, bob);
  });

  it('is for administrators only where the stream is of the system', async () => {
    await rejection(drain(nobody.readAll({ ...bob, maxCount: 1 })), AccessDeniedError);
    await rejection(nobody.appendToStream('$films', film(), bob), AccessDeniedError);
    await rejection(drain(nobody.readStream('$users', bob)), AccessDeniedError);
    expect(await drain(admin.readAll({ maxCount: 1 }))).to.equal(1);
    expect(await drain(admin.readStream('$users'))).to.equal(2);
  });

  it('is for whom the ACL names, by name or by group, for what it names', async () => {
    await limit({ readRoles: ['bob'], writeRoles: ['editors'], deleteRoles: ['ann'] });
    await rejection(nobody.appendToStream(stream, film(), bob), AccessDeniedError);
    await nobody.appendToStream(stream, film(), ann);
    await rejection(drain(nobody.readStream(stream, ann)), AccessDeniedError);
    expect(await drain(nobody.readStream(stream, bob))).to.equal(2);
    await rejection(nobody.deleteStream(stream, bob), AccessDeniedError);
    await nobody.deleteStream(stream, ann);
  });

  it("has roles of its own for a stream's metadata", async () => {
    await limit({ metaReadRoles: ['ann'], metaWriteRoles: ['bob'] });
    expect((await nobody.getStreamMetadata(stream, ann)).metadata).to.have.property('acl');
    await rejection(nobody.getStreamMetadata(stream, bob), AccessDeniedError);
    await rejection(nobody.setStreamMetadata(stream, {}, ann), AccessDeniedError);
    await nobody.setStreamMetadata(stream, {}, bob);
    await nobody.getStreamMetadata(stream, bob);
  });

  it('is always for administrators', async () => {
    await limit({ readRoles: [], writeRoles: ['bob'] });
    await admin.appendToStream(stream, film());
    expect(await drain(admin.readStream(stream))).to.equal(2);
  });

  it('is for everybody with a name where the ACL says `$all`', async () => {
    await limit({ writeRoles: ['$all'] });
    await nobody.appendToStream(stream, film(), bob);
    await rejection(nobody.appendToStream(stream, film()), AccessDeniedError);
  });

  it('takes the ACL of all user streams from `$settings`, where a stream has none', async () => {
    const settings = { $userStreamAcl: { $r: '$all', $w: 'editors' } };
    await admin.appendToStream('$settings', jsonEvent({ type: 'settings', data: settings }));
    try {
      await rejection(nobody.appendToStream(stream, film(), bob), AccessDeniedError);
      await nobody.appendToStream(stream, film(), ann);
      await limit({ writeRoles: ['bob'] });
      await nobody.appendToStream(stream, film(), bob);
    } finally {
      await admin.appendToStream('$settings', jsonEvent({ type: 'settings', data: {} }));
    }
  });

  it('is nobody’s with a wrong password, even where nothing is asked of a stream', async () => {
    const liar = { credentials: { username: 'bob', password: 'guessed' } };
    await rejection(nobody.listProjections(liar), AccessDeniedError);
    await rejection(nobody.appendToStream(stream, film(), liar), AccessDeniedError);
    const stranger = { credentials: { username: 'eve', password: '' } };
    await rejection(drain(nobody.readStream(stream, stranger)), AccessDeniedError);
  });

  it('is for everybody where a double speaks in the clear', async () => {
    const open = await startEventStoreDouble();
    const client = EventStoreDBClient.connectionString(open.connectionString);
    try {
      await client.appendToStream('$films', film());
      await client.setStreamMetadata('$films', { acl: { readRoles: ['ann'] } });
      expect(await drain(client.readStream('$films'))).to.equal(1);
    } finally {
      await client.dispose();
      await open.close();
    }
  });
});
