import { randomUUID } from 'node:crypto';
import type { BenchServer } from '../eventstoredb/eventStoreDb.js';
import { importMovieLensInto, tokenOf, type ImportSummary } from '../data/dataFolders.js';
import { letReactionsCatchUp, type Environment } from '../measuring/commandLine.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';

/** What rows compare: a service with its log in PostgreSQL, and one with it in EventStoreDB. */
export const POSTGRES = 'in PostgreSQL';
export const EVENTSTOREDB = 'in EventStoreDB';

/** The settings of a service whose log is on a server, apart from all others there. */
export const onServer = ({ connectionString }: BenchServer): Environment => ({
  REELLOG_EVENTSTORE_URL: connectionString,
  REELLOG_EVENTSTORE_STREAM_PREFIX: `bench${randomUUID().replaceAll('-', '')}.`,
});

/** A data folder with the history of MovieLens, and the settings that go with it. */
export interface PlacedHistory {
  readonly path: string;
  readonly token: string;
  readonly environment: Environment;
  readonly imported: ImportSummary;
}

/** Runs the work with the history of MovieLens in a log of its own on a server. */
export const withHistoryOnServer = <T>(
  server: BenchServer,
  work: (history: PlacedHistory) => Promise<T>,
): Promise<T> =>
  withTemporaryFolder(async (path) => {
    const environment = onServer(server);
    const imported = await importMovieLensInto(path, { environment });
    await letReactionsCatchUp(path, environment);
    return work({ path, environment, imported, token: await tokenOf(path, { environment }) });
  });
