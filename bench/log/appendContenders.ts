import { randomUUID } from 'node:crypto';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import type { EventToAppend } from '../../src/commands/ports/eventStore.js';
import { createPostgresEventStore } from '../../src/infra/eventstore/postgres/postgresEventStore.js';
import { openDatabase } from '../../src/infra/postgres/database.js';
import { migrate } from '../../src/infra/postgres/migrate.js';
import { quiet } from '../measuring/temporaryServer.js';

/** Something that appends events to a new stream, durably. */
export interface Appender {
  readonly name: string;
  append(events: readonly EventToAppend[]): Promise<void>;
  close(): Promise<void>;
}

export const REELLOG = 'Reellog';
export const PLAIN = 'plain inserts';
export const EMMETT = "Emmett's PostgreSQL store";

/** Connections of each that needs one for every append under way; more only wait for each other. */
const CONNECTIONS = 20;

export const reellogAppender = async (connectionString: string): Promise<Appender> => {
  await migrate(connectionString);
  const database = openDatabase({ connectionString, maxConnections: 8, logger: quiet });
  const store = createPostgresEventStore({ database, logger: quiet });
  return {
    name: REELLOG,
    append: async (events) => {
      await store.append(`viewing-${randomUUID()}`, events, { expectedRevision: 'no-stream' });
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

/** What a hand-written store would do: a table with the same columns and keys, an INSERT and a commit each. */
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
    append: async (events) => {
      const stream = `viewing-${randomUUID()}`;
      await pool.query(events.length === 1 ? ofOne(stream, events) : ofMany(stream, events));
    },
    close: () => pool.end(),
  };
};

const ofOne = (stream: string, events: readonly EventToAppend[]): pg.QueryConfig => ({
  name: 'insert',
  text: 'insert into plain (stream, revision, id, type, data, metadata) values ($1, 0, $2, $3, $4, $5)',
  values: [
    stream,
    ...events.flatMap(({ id, type, data, metadata }) => [
      ...[id, type, JSON.stringify(data), JSON.stringify(metadata)],
    ]),
  ],
});

/** As arrays, the cheapest way to give many rows. */
const ofMany = (stream: string, events: readonly EventToAppend[]): pg.QueryConfig => ({
  name: 'insert_many',
  text: `insert into plain (stream, revision, id, type, data, metadata)
         select $1, nth - 1, id, type, data, metadata
         from unnest($2::uuid[], $3::text[], $4::json[], $5::json[])
              with ordinality as e (id, type, data, metadata, nth)`,
  values: [
    stream,
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ data }) => JSON.stringify(data)),
    events.map(({ metadata }) => JSON.stringify(metadata)),
  ],
});

export const emmettAppender = async (connectionString: string): Promise<Appender> => {
  const pool = openPool(connectionString);
  const store = getPostgreSQLEventStore(connectionString, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    name: EMMETT,
    append: async (events) => {
      const theirs = events.map(({ type, data, metadata }) => ({ type, data, metadata }));
      await store.appendToStream(`viewing-${randomUUID()}`, theirs, {
        expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
      });
    },
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
};
