import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStoreDouble } from '../../../support/eventstoredb/double.js';

/** An EventStoreDB whose disk can be exchanged, as by an operator who restores a backup. */
export interface RestorableServer {
  readonly connectionString: string;
  backup(): Promise<Buffer>;
  /** Starts it again, at its address, with what a backup had, or empty. */
  restore(backup?: Buffer): Promise<void>;
  close(): Promise<void>;
}

export const startRestorableServer = async (): Promise<RestorableServer> => {
  const folder = await mkdtemp(join(tmpdir(), `reellog-test-${process.pid}-server-`));
  const dataFile = join(folder, 'log.jsonl');
  let double = await startEventStoreDouble({ dataFile });
  const { connectionString } = double;
  const port = double.nodes[0]?.port ?? 0;
  return {
    connectionString,
    backup: () => readFile(dataFile),
    restore: async (backup = Buffer.of()) => {
      await double.close();
      await writeFile(dataFile, backup);
      double = await startEventStoreDouble({ dataFile, port });
    },
    close: async () => {
      await double.close();
      await rm(folder, { recursive: true });
    },
  };
};
