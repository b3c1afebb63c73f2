import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { createPostgresEventStore } from '../../src/infra/eventstore/postgres/postgresEventStore.js';
import { startEmbeddedServer } from '../../src/infra/postgres/embedded/embeddedServer.js';
import { openDatabase } from '../../src/infra/postgres/database.js';
import type { RecordedEvent } from '../../src/commands/ports/eventStore.js';
import { runReellog } from '../measuring/commandLine.js';
import { withEventStoreDb } from './eventStoreDb.js';
import { onServer } from '../log/logPlaces.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { quiet } from '../measuring/temporaryServer.js';

const COPY = 'log copy';
const BARE = 'the bare client';
const IN_FLIGHT = 1_024;
const PAGE = 5_000;
const LIMIT_MS = 15 * 60_000;

const eventsIn = async (dataDir: string): Promise<readonly RecordedEvent[]> => {
  const server = await startEmbeddedServer({ dataDir, logger: quiet });
  const { connectionString } = server;
  const database = openDatabase({ connectionString, maxConnections: 2, logger: quiet });
  const store = createPostgresEventStore({ database, logger: quiet });
  const events: RecordedEvent[] = [];
  try {
    for (let after = 0n, end = false; !end;) {
      const page = await store.readAll({ after, maxCount: PAGE });
      events.push(...page.events);
      ({ position: after, end } = page);
    }
    return events;
  } finally {
    await store.close();
    await database.close();
    await server.stop();
  }
};

/** Each event an append of its own, as they were first, in the order of the log; without looking whether it holds. */
const appendAll = async (
  connectionString: string,
  events: readonly RecordedEvent[],
): Promise<number> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  const prefix = `bare${randomUUID()}.`;
  const waiting = events.values();
  try {
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        for (const { stream, id, type, data, metadata } of waiting) {
          const theirs = jsonEvent({ id, type, data, metadata: { ...metadata } });
          await client.appendToStream(`${prefix}${stream}`, theirs);
        }
      }),
    );
    return events.length;
  } finally {
    await client.dispose();
  }
};

/** A whole log copied into EventStoreDB and checked, beside the same events appended by the client alone. */
export const esdbCopy: BenchRow = {
  names: ['esdb.copy'],
  run: async ({ folders, report }) => {
    const { path } = await folders.history(report);
    const events = await eventsIn(path);
    return withEventStoreDb('real', async (server) => {
      const { connectionString } = server;
      const rates = await inTurns(
        [
          {
            name: COPY,
            work: async () => {
              const environment = { REELLOG_DATA_DIR: path, ...onServer(server) };
              const args = ['log', 'copy', '--from', 'embedded', '--to', connectionString];
              await runReellog(args, environment, LIMIT_MS);
              return events.length;
            },
          },
          { name: BARE, work: () => appendAll(connectionString, events) },
        ],
        report,
        { warmUp: false },
      );
      const [ours, theirs] = [rates.get(COPY) ?? [], rates.get(BARE) ?? []];
      const against = { limit: held(ours, theirs) };
      return { 'esdb.copy': { value: median(ours), against, note: server.on } };
    });
  },
};
