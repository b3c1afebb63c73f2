import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { createEventStoreDbEventStore } from '../src/infra/eventstore/eventstoredb/eventStoreDbEventStore.js';
import { REELLOG, type Appender } from './appendContenders.js';
import { appendMany } from './appendOne.js';
import { withEventStoreDb } from './eventStoreDb.js';
import { inTurns, median, medianRatio } from './rounds.js';
import type { BenchRow } from './row.js';
import { sampleEvent } from './sampleEvent.js';
import { quiet } from './temporaryServer.js';

const ROUNDS = 5;
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
    append: async () => {
      await store.append(`viewing-${randomUUID()}`, [sampleEvent()], {
        expectedRevision: 'no-stream',
      });
    },
    close: () => store.close(),
  };
};

const throughTheClient = (connectionString: string): Appender => {
  const client = EventStoreDBClient.connectionString(connectionString);
  return {
    name: BARE,
    append: async () => {
      const { id, type, data, metadata } = sampleEvent();
      const event = jsonEvent({ id, type, data, metadata: { ...metadata } });
      await client.appendToStream(`viewing-${randomUUID()}`, event, {
        expectedRevision: NO_STREAM,
        requiresLeader: true,
      });
    },
    close: () => client.dispose(),
  };
};

/** Appends of one event to a new stream of the EventStoreDB double, a process of its own, 32 at once. */
export const esdbAppend: BenchRow = {
  name: 'esdb.append',
  about: '1 event to a new stream in EventStoreDB (a double), 32 at once',
  run: (report) =>
    withEventStoreDb(async (connectionString) => {
      const appenders = [throughTheAdapter(connectionString), throughTheClient(connectionString)];
      try {
        const rates = await inTurns(
          appenders.map((appender) => ({
            name: appender.name,
            work: () => appendMany(appender, AMOUNT, AT_ONCE),
          })),
          ROUNDS,
          report,
        );
        const [ours, theirs] = [rates.get(REELLOG) ?? [], rates.get(BARE) ?? []];
        return {
          value: median(ours),
          unit: 'appends/s',
          against: [
            { name: BARE, value: median(theirs), ratio: medianRatio(ours, theirs), least: 0.8 },
          ],
        };
      } finally {
        for (const appender of appenders) await appender.close();
      }
    }),
};
