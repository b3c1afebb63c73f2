import { EventStoreDBClient, streamNameFilter } from '@eventstore/db-client';
import { openEventStoreDb } from '../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { REELLOG } from '../log/appendContenders.js';
import { fill, withEventStoreDb, type BenchServer } from './eventStoreDb.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { quiet } from '../measuring/temporaryServer.js';

const EVENTS = 100_000;
const BATCH = 4_000;
const BARE = 'the bare client';

const throughTheAdapter = async ({
  connectionString,
  streamPrefix,
}: BenchServer): Promise<number> => {
  const log = openEventStoreDb({ connectionString, streamPrefix, logger: quiet });
  const stop = new AbortController();
  let seen = 0;
  try {
    for await (const { events } of log.follow({ batchSize: BATCH, signal: stop.signal })) {
      seen += events.length;
      if (seen === EVENTS) stop.abort();
    }
    return seen;
  } finally {
    await log.close();
  }
};

/** A subscription of the client alone, to so many events. @returns how many it got */
export const subscribeBare = async (
  { connectionString, streamPrefix }: BenchServer,
  events: number,
): Promise<number> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  const subscription = client.subscribeToAll(
    { filter: streamNameFilter({ prefixes: [streamPrefix] }), requiresLeader: true },
    { highWaterMark: BATCH },
  );
  let seen = 0;
  try {
    for await (const { event } of subscription) {
      if (event) seen += 1;
      if (seen === events) break;
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
      await fill(server, EVENTS, report);
      const rates = await inTurns(
        [
          { name: REELLOG, work: () => throughTheAdapter(server) },
          { name: BARE, work: () => subscribeBare(server, EVENTS) },
        ],
        report,
      );
      const [ours, theirs] = [rates.get(REELLOG) ?? [], rates.get(BARE) ?? []];
      const against = { limit: held(ours, theirs) };
      return { 'esdb.subscribe': { value: median(ours), against, on: server.on } };
    }),
};
