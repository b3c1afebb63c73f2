import pg from 'pg';
import type { Logger } from 'pino';
import { asUnavailable, DatabaseUnavailable } from './databaseErrors.js';
import { listenTo, type Listening, type NotificationHandlers } from './listening.js';

/** One parameterised statement; with a `name` it is prepared once per connection. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
  /** `array` gives rows as arrays, which is cheaper to read in bulk. */
  readonly rowMode?: 'array';
}

export type Row = Record<string, unknown>;

/** Whoever can run statements: the pool, one connection, a transaction. */
export interface Queryable {
  query<R extends object = Row>(statement: Statement): Promise<readonly R[]>;
}

/** One connection of the pool, for what needs a session: COPY, advisory locks. */
export interface Connection extends Queryable {
  readonly client: pg.PoolClient;
}

/**
 * PostgreSQL, pooled. `int8` reads as `bigint`, `numeric` as `number`, `date` as `YYYY-MM-DD`,
 * `timestamptz` as `Date`, JSON parsed. Everything throws `DatabaseUnavailable` while the server is away,
 * and works again when it is back.
 */
export interface Database extends Queryable {
  readonly connectionString: string;
  query<R extends object = Row>(
    statement: Statement & { readonly signal?: AbortSignal },
  ): Promise<readonly R[]>;
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>;
  withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Follows notifications on a connection of its own that comes back by itself. */
  listen(channels: readonly string[], handlers: NotificationHandlers): Listening;
  /** A connection outside the pool that the caller ends, for locks that live as long as a session. */
  session(): Promise<pg.Client>;
  ping(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
const STATEMENT_MS = 60_000;
const IDLE_MS = 30_000;

/** How values are read; set per pool, so that nothing else in the process is changed. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);
types.setTypeParser(pg.types.builtins.NUMERIC, Number);
types.setTypeParser(pg.types.builtins.DATE, (text) => text);

/** Opens a pool; connects when first used. */
export const openDatabase = (options: {
  readonly connectionString: string;
  readonly maxConnections: number;
  readonly logger: Logger;
  /** How long one statement may run, in milliseconds; default 60,000, 0 for no limit. */
  readonly statementMs?: number;
}): Database => {
  const { connectionString, logger } = options;
  const config: pg.PoolConfig = {
    connectionString,
    types,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: options.statementMs ?? STATEMENT_MS,
    keepAlive: true,
    application_name: 'reellog',
  };
  const pool = new pg.Pool({
    ...config,
    max: options.maxConnections,
    idleTimeoutMillis: IDLE_MS,
  });
  // A connection that dies while idle is not an event for anyone: the next query opens another.
  pool.on('error', (error) => {
    logger.debug({ err: error }, 'an idle database connection ended');
  });

  const on = (client: pg.Pool | pg.PoolClient) =>
    async function query<R extends object = Row>(statement: Statement): Promise<readonly R[]> {
      try {
        const { text, values, name, rowMode } = statement;
        const result = await client.query<R>({
          text,
          ...(values ? { values: [...values] } : {}),
          ...(name ? { name } : {}),
          ...(rowMode ? { rowMode } : {}),
        });
        return result.rows;
      } catch (error) {
        throw asUnavailable(error);
      }
    };
  const onPool = on(pool);

  const withConnection = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw asUnavailable(error);
    }
    // The pool stops listening for errors while a connection is out; one without a listener ends the process.
    const ignore = () => undefined;
    client.on('error', ignore);
    let broken = false;
    try {
      return await work({ client, query: on(client) });
    } catch (error) {
      broken = error instanceof DatabaseUnavailable;
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(broken);
    }
  };

  return {
    connectionString,
    query: ({ signal, ...statement }) => abortable(onPool(statement), signal),
    withConnection,
    transaction: (work) =>
      withConnection(async (connection) => {
        await connection.query({ text: 'begin' });
        try {
          const result = await work(connection);
          await connection.query({ text: 'commit' });
          return result;
        } catch (error) {
          await connection.query({ text: 'rollback' }).catch((failure: unknown) => {
            logger.debug({ err: failure }, 'could not roll back: the connection is gone');
          });
          throw error;
        }
      }),
    listen: (channels, handlers) => listenTo(config, channels, handlers, logger),
    session: async () => {
      const client = new pg.Client({ ...config, statement_timeout: 0 });
      client.on('error', (error) => {
        logger.debug({ err: error }, 'a database session ended');
      });
      try {
        await client.connect();
        return client;
      } catch (error) {
        throw asUnavailable(error);
      }
    },
    ping: async (signal) => {
      await abortable(onPool({ text: 'select 1' }), signal);
    },
    close: () => pool.end(),
  };
};

/** Stops waiting when the signal aborts; the statement itself ends by its own time limit. */
const abortable = async <T>(work: Promise<T>, signal?: AbortSignal): Promise<T> => {
  if (!signal) return work;
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
};
