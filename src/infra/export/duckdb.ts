import { availableParallelism } from 'node:os';
import type { DuckDBConnection } from '@duckdb/node-api';

/** More would need more memory each, and leave less of the machine to a service beside it. */
const THREADS = 4;

/** A DuckDB in memory that spills to a folder of ours what does not fit. */
export interface DuckDb {
  readonly connection: DuckDBConnection;
  close(): void;
}

/** What it may keep in memory, in megabytes; 100 is about the least it works with. */
export interface DuckDbOptions {
  readonly memoryMb: number;
  /** Each needs memory of its own; default 4, or as many as there are processors. */
  readonly threads?: number;
  /** Where it puts what does not fit; made when it is needed. */
  readonly spillTo: string;
  /** Ends what it is doing. */
  readonly signal: AbortSignal;
}

/** Opens a DuckDB; its 70 MB of code are loaded here, for none but those who ask it something. */
export const openDuckDb = async ({
  memoryMb,
  threads = THREADS,
  spillTo,
  signal,
}: DuckDbOptions): Promise<DuckDb> => {
  const { DuckDBInstance, DuckDBTimestampTZValue } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMb}MB`,
    temp_directory: spillTo,
    threads: String(Math.min(threads, availableParallelism())),
    // What it brings is enough; it does not look for more on the network.
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const stop = () => {
    connection.interrupt();
  };
  signal.addEventListener('abort', stop);
  const close = () => {
    signal.removeEventListener('abort', stop);
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await connection.run("set TimeZone = 'UTC'");
  } catch (error) {
    close();
    throw error;
  }
  // The time zone that it shows times in is another setting, of the process.
  DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;
  return { connection, close };
};
