import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { runningInstance } from '../../../src/infra/postgres/embedded/instanceLock.js';
import type { Settings } from '../service/cliProcess.js';
import { freshDatabase, freshDataDir, removeDataDir } from '../postgres/database.js';

/** A disk that a service's database is on, and that can be filled up. */
export interface Disk {
  /** What a service is told to use it. */
  readonly settings: Settings;
  connectionString(): Promise<string>;
  fill(): Promise<void>;
  /** Makes room again. */
  free(): Promise<void>;
  close(): Promise<void>;
}

const run = promisify(execFile);

/** Of every ten writes, so many find no room: what is written and what is not is never the same. */
const REFUSED_OF_TEN = 7;

/** What happens to a write: replaced, it changes for all tables at once and waits for none of them. */
const onWrite = (what: string): string => `
  create or replace function public.on_write() returns trigger language plpgsql as $$
  begin
    ${what}
    return null;
  end $$`;

const refuse = onWrite(`
  if random() * 10 < ${REFUSED_OF_TEN} then
    raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
  end if;`);

/** Everything that the service writes: tables of the log, of commands, of read models. */
const TABLES = `
  select format('%I.%I', schemaname, tablename) as name from pg_tables
  where schemaname not in ('pg_catalog', 'information_schema')`;

/**
 * No disk at all: the database answers as PostgreSQL does when it finds no room for a row. What works everywhere.
 */
export const pretendedDisk = async (): Promise<Disk> => {
  const fresh = await freshDatabase();
  const { database } = fresh;
  return {
    settings: { DATABASE_URL: fresh.connectionString },
    connectionString: () => Promise.resolve(fresh.connectionString),
    fill: async () => {
      await database.query({ text: refuse });
      // One by one: whoever locks several at once may meet a transaction that has them in another order.
      for (const { name } of await database.query<{ name: string }>({ text: TABLES })) {
        await database.query({
          text: `create trigger on_write before insert or update on ${name}
                 for each statement execute function public.on_write()`,
        });
      }
    },
    free: async () => {
      await database.query({ text: onWrite('') });
    },
    close: () => fresh.drop(),
  };
};

/** A new cluster with its write-ahead log is about half of it. */
const SMALL_DISK = '144m';

const mount = (folder: string, size = SMALL_DISK) =>
  run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'reellog-test', folder]);
const unmount = (folder: string) => run('umount', ['-l', folder]);

/** Whether this machine lets this account mount a file system in memory. */
export const canMount = async (): Promise<boolean> => {
  const folder = await mkdtemp(join(tmpdir(), 'reellog-mount-'));
  try {
    await mount(folder, '1m');
    await unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** A small file system in memory, with a database of the service's own on it. */
export const smallDisk = async (): Promise<Disk> => {
  const dataDir = await freshDataDir();
  await mount(dataDir);
  const ballast = join(dataDir, 'ballast');
  const connectionString = async (): Promise<string> =>
    (await runningInstance(dataDir))?.connectionString ?? '';
  return {
    settings: { REELLOG_DATA_DIR: dataDir },
    connectionString,
    fill: async () => {
      await writeUntilFull(ballast);
      await endWalSegment(await connectionString());
    },
    free: () => rm(ballast),
    close: async () => {
      // The mounted file system goes with all that is in it.
      await removeDataDir(dataDir).catch(() => undefined);
      await unmount(dataDir);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

const writeUntilFull = async (path: string): Promise<void> => {
  const file = await open(path, 'w');
  try {
    for (const size of [1_000_000, 4_096]) {
      const block = Buffer.alloc(size, 'x');
      try {
        for (;;) await file.write(block);
      } catch {
        // Smaller blocks fill what is left.
      }
    }
  } finally {
    await file.close();
  }
};

/** The next write needs a new file of the write-ahead log, for which there is no room: the server ends itself. */
const endWalSegment = async (connectionString: string): Promise<void> => {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_switch_wal()');
  } catch {
    // It may end at this already.
  } finally {
    await client.end().catch(() => undefined);
  }
};
