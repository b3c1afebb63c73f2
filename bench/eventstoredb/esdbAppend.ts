import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { openEventStoreDb } from '../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { REELLOG, type Appender } from '../log/appendContenders.js';
import { appendMany } from '../log/appends.js';
import { withEventStoreDb, type BenchServer } from './eventStoreDb.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { quiet } from '../measuring/temporaryServer.js';

const AMOUNT = 5_000;
const AT_ONCE = 32;
const BARE = 'the bare client';

const throughTheAdapter = ({ connectionString, streamPrefix }: BenchServer): Appender => {
  const log = openEventStoreDb({ connectionString, streamPrefix, logger: quiet });
  return {
    name: REELLOG,
    append: async (events) => {
      await log.append(`viewing-${randomUUID()}`, events, { expectedRevision: 'no-stream' });
    },
    close: () => log.close(),
  };
};

const throughTheClient = ({ connectionString, streamPrefix }: BenchServer): Appender => {
  const client = EventStoreDBClient.connectionString(connectionString);
  return {
    name: BARE,
    append: async (events) => {
      const theirs = events.map(({ id, type, data, metadata }) =>
        jsonEvent({ id, type, data, metadata: { ...metadata } }),
      );
      await client.appendToStream(`${streamPrefix}viewing-${randomUUID()}`, theirs, {
        expectedRevision: NO_STREAM,
        requiresLeader: true,
      });
    },
    close: () => client.dispose(),
  };
};

/** Appends of one event to a new stream in EventStoreDB, 32 at once. */
export const esdbAppend: BenchRow = {
  names: ['esdb.append'],
  run: ({ report }) =>
    withEventStoreDb('real', async (server) => {
      const appenders = [throughTheAdapter(server), throughTheClient(server)];
      try {
        const rates = await inTurns(
          appenders.map((appender) => ({
            name: appender.name,
            work: () => appendMany(appender, { appends: AMOUNT, of: 1, atOnce: AT_ONCE }),
          })),
          report,
        );
        const [ours, theirs] = [rates.get(REELLOG) ?? [], rates.get(BARE) ?? []];
        const against = { limit: held(ours, theirs) };
        return { 'esdb.append': { value: median(ours), against, on: server.on } };
      } finally {
        for (const appender of appenders) await appender.close();
      }
    }),
};
