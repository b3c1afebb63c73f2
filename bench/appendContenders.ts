import { randomUUID } from 'node:crypto';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { createPostgresEventStore } from '../src/infra/eventstore/postgres/postgresEventStore.js';
import { openDatabase } from '../src/infra/postgres/database.js';
import { migrate } from '../src/infra/postgres/migrate.js';
import { sampleEvent } from './sampleEvent.js';
import { quiet } from './temporaryServer.js';

/** Something that appends one event to a new stream, durably. */
export interface Appender {
  readonly name: string;
  append(): Promise<void>;
  close(): Promise<void>;
}

export const REELLOG = 'Reellog';
export const PLAIN = 'plain one-row commits';
export const EMMETT = "Emmett's PostgreSQL store";

/** Connections of each that needs one for every append under way; more only wait for each other. */
const CONNECTIONS = 20;

export const reellogAppender = async (connectionString: string): Promise<Appender> => {
  await migrate(connectionString);
  const database = openDatabase({ connectionString, maxConnections: 8, logger: quiet });
  const store = createPostgresEventStore({ database, logger: quiet });
  return {
    name: REELLOG,
    append: async () => {
      await store.append(`viewing-${randomUUID()}`, [sampleEvent()], {
        expectedRevision: 'no-stream',
      });
    },
    close: async () => {
      await store.close();
      await database.close();
    },
  };
};

/** The server may stop before the last of the pool's connections has ended: nobody minds. */
const openPool = (connectionString: string): pg.Pool => {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS });
  pool.on('error', () => undefined);
  return pool;
};

/** What a hand-written store would do: a table with the same columns and keys, an INSERT in a commit each. */
export const plainAppender = async (connectionString: string): Promise<Appender> => {
  const pool = openPool(connectionString);
  await pool.query(`
    create table plain (
      position bigint generated always as identity primary key,
      stream text collate "C" not null,
      revision bigint not null,
      id uuid not null unique,
      type text collate "C" not null,
      data json not null,
      metadata json not null,
      recorded_at timestamptz not null default now(),
      unique (stream, revision)
    )`);
  return {
    name: PLAIN,
    append: async () => {
      const { id, type, data, metadata } = sampleEvent();
      await pool.query({
        name: 'insert',
        text: 'insert into plain (stream, revision, id, type, data, metadata) values ($1, 0, $2, $3, $4, $5)',
        values: [
          `viewing-${randomUUID()}`,
          id,
          type,
          JSON.stringify(data),
          JSON.stringify(metadata),
        ],
      });
    },
    close: () => pool.end(),
  };
};

export const emmettAppender = async (connectionString: string): Promise<Appender> => {
  const pool = openPool(connectionString);
  const store = getPostgreSQLEventStore(connectionString, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    name: EMMETT,
    append: async () => {
      const { type, data, metadata } = sampleEvent();
      await store.appendToStream(`viewing-${randomUUID()}`, [{ type, data, metadata }], {
        expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
      });
    },
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
};
