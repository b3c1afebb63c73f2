import { EventStoreDBClient, streamNameFilter } from '@eventstore/db-client';
import { createEventStoreDbEventStore } from '../src/infra/eventstore/eventstoredb/eventStoreDbEventStore.js';
import { REELLOG } from './appendContenders.js';
import { fill, withEventStoreDb, type BenchServer } from './eventStoreDb.js';
import { held, inTurns, median } from './rounds.js';
import type { BenchRow } from './row.js';
import { quiet } from './temporaryServer.js';

const EVENTS = 100_000;
const BATCH = 4_000;
const BARE = 'the bare client';

const throughTheAdapter = async (
  { connectionString, streamPrefix }: BenchServer,
  head: bigint,
): Promise<number> => {
  const store = createEventStoreDbEventStore({
    ...{ connectionString, streamPrefix },
    logger: quiet,
  });
  const stop = new AbortController();
  let seen = 0;
  try {
    const options = { after: 0n, batchSize: BATCH, signal: stop.signal };
    for await (const { events, position } of store.subscribeToAll(options)) {
      seen += events.length;
      if (position >= head) stop.abort();
    }
    return seen;
  } finally {
    await store.close();
  }
};

const throughTheClient = async ({
  connectionString,
  streamPrefix,
}: BenchServer): Promise<number> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  const subscription = client.subscribeToAll(
    { filter: streamNameFilter({ prefixes: [streamPrefix] }), requiresLeader: true },
    { highWaterMark: BATCH },
  );
  let seen = 0;
  try {
    for await (const { event } of subscription) {
      if (event) seen += 1;
      if (seen === EVENTS) break;
    }
    return seen;
  } finally {
    await subscription.unsubscribe();
    await client.dispose();
  }
};

/** The whole log through a catch-up subscription, from the first event to the last. */
export const esdbSubscribe: BenchRow = {
  names: ['esdb.subscribe'],
  run: ({ report }) =>
    withEventStoreDb('none', async (server) => {
      const head = await fill(server, EVENTS, report);
      const rates = await inTurns(
        [
          { name: REELLOG, work: () => throughTheAdapter(server, head) },
          { name: BARE, work: () => throughTheClient(server) },
        ],
        report,
      );
      const [ours, theirs] = [rates.get(REELLOG) ?? [], rates.get(BARE) ?? []];
      const against = { limit: held(ours, theirs) };
      return { 'esdb.subscribe': { value: median(ours), against, on: server.on } };
    }),
};
