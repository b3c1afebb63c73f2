import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase, type Database } from '../../src/infra/postgres/database.js';
import {
  startEmbeddedServer,
  type EmbeddedServer,
} from '../../src/infra/postgres/embeddedServer.js';
import { migrate } from '../../src/infra/postgres/migrate.js';
import { testLogger } from './logger.js';

/** A database of a test's own. */
export interface FreshDatabase {
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

export const freshServer = async (): Promise<FreshServer> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'reellog-test-'));
  const server = await startEmbeddedServer({ dataDir, logger: testLogger });
  return {
    server,
    dataDir,
    remove: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
      await rm(server.cluster, { recursive: true, force: true });
    },
  };
};

let shared: Promise<FreshServer> | undefined;
let template: Promise<void> | undefined;
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

/** The one server of the run, with a migrated template database. */
const sharedServer = async (): Promise<EmbeddedServer> => {
  shared ??= freshServer();
  const { server } = await shared;
  template ??= (async () => {
    await admin(server, 'create database migrated');
    await migrate(urlOf(server, 'migrated'));
  })();
  await template;
  return server;
};

/** A new, migrated database on the run's shared server. */
export const freshDatabase = async (
  options: { readonly migrated?: boolean; readonly maxConnections?: number } = {},
): Promise<FreshDatabase> => {
  const server = await sharedServer();
  const name = `test_${process.pid}_${(counter += 1)}`;
  const from = options.migrated === false ? 'template1' : 'migrated';
  await admin(server, `create database ${name} template ${from}`);
  const connectionString = urlOf(server, name);
  const database = openDatabase({
    connectionString,
    maxConnections: options.maxConnections ?? 10,
    logger: testLogger,
  });
  return {
    connectionString,
    database,
    drop: async () => {
      await database.close();
      await admin(server, `drop database ${name} with (force)`);
    },
  };
};

/** Ends the shared server; called once, after the last test. */
export const removeSharedServer = async (): Promise<void> => {
  if (shared) await (await shared).remove();
};
