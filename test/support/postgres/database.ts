import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import {
  startEmbeddedServer,
  type EmbeddedServer,
} from '../../../src/infra/postgres/embedded/embeddedServer.js';
import { ensureCluster } from '../../../src/infra/postgres/embedded/cluster.js';
import { endLeftovers, isAlive } from '../../../src/infra/postgres/embedded/leftovers.js';
import { migrate } from '../../../src/infra/postgres/migrate.js';
import { makeSocketDir, placement } from '../../../src/infra/postgres/embedded/placement.js';
import { createReadModelStore } from '../../../src/infra/readModels/live/readModelStore.js';
import { projections } from '../../../src/projections/projections.js';
import { prepareEventLog, removeEventLog } from './eventLog.js';
import { testLogger } from '../run/logger.js';

/** A database of a test's own. */
export interface FreshDatabase {
  readonly name: string;
  readonly connectionString: string;
  readonly database: Database;
  drop(): Promise<void>;
}

/** A server of a test's own, to kill. */
export interface FreshServer {
  readonly server: EmbeddedServer;
  readonly dataDir: string;
  remove(): Promise<void>;
}

/** The process id in it tells a later run whether the folder is still in use. */
const PREFIX = 'reellog-test-';

/** A file system in memory, where there is one. */
const MEMORY = '/dev/shm';
/** More than a run writes there, and another one beside it. */
const ROOM_BYTES = 2 * 1024 ** 3;

/** To make and drop the files of databases, a disk's file system takes more of the processor than PostgreSQL. */
const homeOfData = async (): Promise<string> => {
  try {
    await access(MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize < ROOM_BYTES ? tmpdir() : MEMORY;
  } catch {
    return tmpdir();
  }
};

/** A folder of a test's own for an embedded server's data. */
export const freshDataDir = async (): Promise<string> =>
  mkdtemp(join(await homeOfData(), `${PREFIX}${process.pid}-`));

/** Ends whatever server is on a data folder and removes it with its database, wherever that is. */
export const removeDataDir = async (dataDir: string): Promise<void> => {
  const { cluster, socketDir } = await placement(dataDir, testLogger);
  await endLeftovers({ cluster, socketDir });
  await rm(socketDir, { recursive: true, force: true });
  await rm(cluster, { recursive: true, force: true });
  const home = dirname(cluster);
  if (home !== dataDir) await rm(home, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
};

/** Test runs that were killed leave their servers running. */
const removeWhatKilledRunsLeft = async (): Promise<void> => {
  for (const home of new Set([tmpdir(), await homeOfData()])) {
    const folders = await readdir(home);
    for (const folder of folders.filter((name) => name.startsWith(PREFIX))) {
      const run = Number(/^(\d+)-/.exec(folder.slice(PREFIX.length))?.[1]);
      if (!(run > 0) || isAlive(run)) continue;
      // Another run may be clearing away the same.
      await removeDataDir(join(home, folder)).catch(() => undefined);
    }
  }
};

/** Names the data folder whose database several runs copy. */
export const CLUSTER_FROM = 'TEST_CLUSTER_FROM';

/** Makes an empty database in a new data folder, as a first start does. @returns the folder, to be removed */
export const makeCluster = async (): Promise<string> => {
  const dataDir = await freshDataDir();
  const place = await placement(dataDir, testLogger);
  await makeSocketDir(place);
  await ensureCluster(place);
  return dataDir;
};

/** A new data folder with an empty database: to copy one takes a tenth of the processor that making one takes. */
export const dataDirWithCluster = async (): Promise<string> => {
  const original = process.env[CLUSTER_FROM];
  if (original === undefined) return makeCluster();
  const dataDir = await freshDataDir();
  const [from, to] = [await placement(original, testLogger), await placement(dataDir, testLogger)];
  // It keeps the owners of files.
  await promisify(execFile)('cp', ['-a', from.cluster, to.cluster]);
  return dataDir;
};

export const freshServer = async (): Promise<FreshServer> => {
  const dataDir = await dataDirWithCluster();
  const server = await startEmbeddedServer({ dataDir, logger: testLogger });
  return {
    server,
    dataDir,
    remove: async () => {
      await server.stop();
      await removeDataDir(dataDir);
    },
  };
};

let shared: Promise<FreshServer> | undefined;
let migrated: Promise<void> | undefined;
let prepared: Promise<void> | undefined;
let counter = 0;

const urlOf = (server: EmbeddedServer, name: string): string =>
  server.connectionString.replace('/reellog?', `/${name}?`);

const admin = async (server: EmbeddedServer, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: urlOf(server, 'postgres') });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

/** Copies files, which is half the work of writing them by way of the log. */
const copyOf = (template: string, name: string): string =>
  `create database ${name} template ${template} strategy file_copy`;

/** The one server of the run, with a migrated template database. */
const sharedServer = async (): Promise<EmbeddedServer> => {
  shared ??= removeWhatKilledRunsLeft().then(freshServer);
  const { server } = await shared;
  migrated ??= (async () => {
    // What the run writes nobody needs after it: what survives a crash is tested on servers of their own.
    await admin(
      server,
      'alter role current_user set synchronous_commit = off',
      'create database migrated',
    );
    await migrate(urlOf(server, 'migrated'));
  })();
  await migrated;
  return server;
};

/** A template with the tables of the read models, which each service that starts on a database would make. */
const withReadModels = async (server: EmbeddedServer): Promise<void> => {
  await admin(server, copyOf('migrated', 'prepared'));
  const database = openDatabase({
    connectionString: urlOf(server, 'prepared'),
    maxConnections: 2,
    logger: testLogger,
  });
  const store = createReadModelStore(database);
  for (const projection of projections) await store.prepare(projection);
  await store.close();
  await database.close();
};

/** What there is in a new database: nothing, the tables that are not read models, or those too. */
type Contents = 'nothing' | 'migrated' | 'prepared';

const templateOf = async (server: EmbeddedServer, contents: Contents): Promise<string> => {
  if (contents === 'prepared') await (prepared ??= withReadModels(server));
  return contents === 'nothing' ? 'template1' : contents;
};

/** Where a database comes from. */
interface Copied {
  readonly server: EmbeddedServer;
  readonly template: string;
  /** The template's log is not the copy's. */
  readonly hasOtherLog: boolean;
  readonly maxConnections?: number | undefined;
}

const copied = async (options: Copied): Promise<FreshDatabase> => {
  const { server, template, hasOtherLog, maxConnections = 10 } = options;
  const name = `test_${process.pid}_${(counter += 1)}`;
  await admin(server, copyOf(template, name));
  const connectionString = urlOf(server, name);
  await prepareEventLog(connectionString);
  const database = openDatabase({ connectionString, maxConnections, logger: testLogger });
  if (hasOtherLog) {
    await database.query({ text: 'update log.head set id = gen_random_uuid()' });
  }
  return {
    ...{ name, connectionString, database },
    drop: async () => {
      await database.close();
      await removeEventLog(connectionString);
      await admin(server, `drop database ${name} with (force)`);
    },
  };
};

/** A new database on the run's shared server, migrated unless it is to have more or less. */
export const freshDatabase = async (
  options: { readonly contents?: Contents; readonly maxConnections?: number } = {},
): Promise<FreshDatabase> => {
  const server = await sharedServer();
  const { contents = 'migrated', maxConnections } = options;
  const template = await templateOf(server, contents);
  return copied({ server, template, hasOtherLog: contents !== 'nothing', maxConnections });
};

/**
 * The database of before as it is, its log included: what takes long to write is written once, and each test has it.
 * Nobody may be connected to the original any more; its own pool is closed. Logs in EventStoreDB are not copied.
 */
export const databaseLike = async (original: FreshDatabase): Promise<FreshDatabase> => {
  await original.database.close();
  return copied({ server: await sharedServer(), template: original.name, hasOtherLog: false });
};

/** Ends the shared server; called once, after the last test. */
export const removeSharedServer = async (): Promise<void> => {
  if (shared) await (await shared).remove();
};
