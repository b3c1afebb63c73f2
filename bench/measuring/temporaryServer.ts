import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startEmbeddedServer } from '../../src/infra/postgres/embedded/embeddedServer.js';

export const quiet = pino({ level: 'silent' });

/** Runs the work with a folder that is gone afterwards. */
export const withTemporaryFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'reellog-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Runs the work with a PostgreSQL of its own, as durable as the one that Reellog runs on. */
export const withTemporaryServer = <T>(
  work: (connectionString: string) => Promise<T>,
): Promise<T> =>
  withTemporaryFolder(async (dataDir) => {
    const server = await startEmbeddedServer({ dataDir, logger: quiet });
    try {
      return await work(server.connectionString);
    } finally {
      await server.stop();
    }
  });
