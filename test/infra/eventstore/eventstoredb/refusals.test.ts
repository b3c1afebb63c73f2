import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import {
  EventStoreError,
  type EventStoreFailure,
} from '../../../../src/commands/ports/eventStore.js';
import type { EventStoreDbLog } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { InvalidSetting } from '../../../../src/infra/config/settings.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { anEvent, newStream, numbered } from '../contract/log.js';
import { doubleLog, openServer, type DoubleLog } from './eventStoreDbLog.js';

const failureOf = async (work: Promise<unknown>): Promise<EventStoreFailure> =>
  (await rejection(work, EventStoreError)).failure;

/** A log on a double for one test. */
const onDouble = async (
  options: Parameters<typeof doubleLog>[0],
  test: (server: EventStoreDbLog, log: DoubleLog) => Promise<void>,
): Promise<void> => {
  const log = await doubleLog(options);
  const server = log.openServer();
  try {
    await test(server, log);
  } finally {
    await server.close();
    await log.remove();
  }
};

describe('What EventStoreDB refuses', () => {
  it('a user that it does not know, is told as no access by every call', () =>
    onDouble(
      { tls: true, credentials: { username: 'admin', password: 'wrong' } },
      async (server, log) => {
        const following = async (): Promise<void> => {
          const signal = AbortSignal.timeout(60_000);
          for await (const { events } of server.follow({ batchSize: 10, signal })) {
            throw new Error(`got ${events.length} events`);
          }
        };
        const calls = [
          server.append(newStream(), numbered(1), { expectedRevision: 'any' }),
          server.readStream(newStream()),
          server.places.last(),
          server.identify(),
          server.identityNow(),
          following(),
          log.open(),
        ];
        for (const failure of await Promise.all(calls.map(failureOf))) {
          expect(failure).to.deep.equal({ kind: 'access-denied' });
        }
      },
    ));

  it('a stream that was deleted for ever, is told by its name', () =>
    onDouble({}, async (server, { double }) => {
      const stream = newStream();
      await server.append(stream, numbered(1), { expectedRevision: 'no-stream' });
      const client = EventStoreDBClient.connectionString(double.connectionString);
      await client.tombstoneStream(stream);
      await client.dispose();
      const gone = { kind: 'stream-deleted', stream };
      const appending = server.append(stream, numbered(1), { expectedRevision: 0n });
      expect(await failureOf(appending)).to.deep.equal(gone);
      expect(await failureOf(server.readStream(stream))).to.deep.equal(gone);
    }));

  it('more bytes than the server takes at once, is told with its limit', () =>
    onDouble({ maxAppendBytes: 10_000 }, async (server) => {
      const event = anEvent('ThingNoted', { text: 'x'.repeat(20_000) });
      const appending = server.append(newStream(), [event], { expectedRevision: 'no-stream' });
      expect(await failureOf(appending)).to.deep.equal({ kind: 'too-large', limitBytes: 10_000 });
    }));

  it('is not an append of several messages, which is there as a whole', () =>
    onDouble({ maxAppendBytes: 4_000_000 }, async (server) => {
      const stream = newStream();
      const events = Array.from({ length: 30 }, (_, nth) =>
        anEvent('ThingNoted', { nth, text: 'x'.repeat(100_000) }),
      );
      const result = await server.append(stream, events, { expectedRevision: 'no-stream' });
      expect(result.revision).to.equal(29n);
      const slice = await server.readStream(stream);
      expect(slice.events.map(({ data }) => data.nth)).to.deep.equal(events.map((_, nth) => nth));
    }));

  it('a place where nothing listens, is told as unavailable', async () => {
    const server = openServer('esdb://127.0.0.1:1?tls=false');
    try {
      const appending = server.append(newStream(), numbered(1), { expectedRevision: 'any' });
      expect(await failureOf(appending)).to.deep.equal({ kind: 'unavailable' });
      expect(await failureOf(server.places.last())).to.deep.equal({ kind: 'unavailable' });
    } finally {
      await server.close();
    }
  });

  it('a cluster of which no node is there, is told as unavailable', async () => {
    const hosts = '127.0.0.1:1,127.0.0.1:2';
    const server = openServer(
      `esdb://${hosts}?tls=false&maxDiscoverAttempts=2&discoveryInterval=10`,
    );
    try {
      expect(await failureOf(server.places.last())).to.deep.equal({ kind: 'unavailable' });
    } finally {
      await server.close();
    }
  });

  it('a certificate that is not there, is told before anything is tried', () => {
    const open = () => openServer('esdb://127.0.0.1:1?tlsCAFile=/nowhere/ca.crt');
    expect(open).to.throw(InvalidSetting, /connection string cannot be used: .*certificate/);
  });
});
