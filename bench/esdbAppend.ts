import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { createEventStoreDbEventStore } from '../src/infra/eventstore/eventstoredb/eventStoreDbEventStore.js';
import { REELLOG, type Appender } from './appendContenders.js';
import { appendMany } from './appends.js';
import { withEventStoreDb } from './eventStoreDb.js';
import { held, inTurns, median } from './rounds.js';
import type { BenchRow } from './row.js';
import { quiet } from './temporaryServer.js';

const AMOUNT = 5_000;
const AT_ONCE = 32;
const BARE = 'the bare client';

const throughTheAdapter = (connectionString: string): Appender => {
  const store = createEventStoreDbEventStore({
    ...{ connectionString, streamPrefix: '' },
    logger: quiet,
  });
  return {
    name: REELLOG,
    append: async (events) => {
      await store.append(`viewing-${randomUUID()}`, events, { expectedRevision: 'no-stream' });
    },
    close: () => store.close(),
  };
};

const throughTheClient = (connectionString: string): Appender => {
  const client = EventStoreDBClient.connectionString(connectionString);
  return {
    name: BARE,
    append: async (events) => {
      const theirs = events.map(({ id, type, data, metadata }) =>
        jsonEvent({ id, type, data, metadata: { ...metadata } }),
      );
      await client.appendToStream(`viewing-${randomUUID()}`, theirs, {
        expectedRevision: NO_STREAM,
        requiresLeader: true,
      });
    },
    close: () => client.dispose(),
  };
};

/** Appends of one event to a new stream of the EventStoreDB double, a process of its own, 32 at once. */
export const esdbAppend: BenchRow = {
  names: ['esdb.append'],
  run: ({ report }) =>
    withEventStoreDb(async (connectionString) => {
      const appenders = [throughTheAdapter(connectionString), throughTheClient(connectionString)];
      try {
        const rates = await inTurns(
          appenders.map((appender) => ({
            name: appender.name,
            work: () => appendMany(appender, { appends: AMOUNT, of: 1, atOnce: AT_ONCE }),
          })),
          report,
        );
        const [ours, theirs] = [rates.get(REELLOG) ?? [], rates.get(BARE) ?? []];
        return { 'esdb.append': { value: median(ours), against: { limit: held(ours, theirs) } } };
      } finally {
        for (const appender of appenders) await appender.close();
      }
    }),
};
