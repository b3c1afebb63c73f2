import pg from 'pg';
import type { Logger } from 'pino';
import { asUnavailable, DatabaseUnavailable, TransactionRolledBack } from './databaseErrors.js';
import { endConnection, untilGone } from './endConnection.js';
import { settleSession } from './pool/sessionSettings.js';
import { listenTo, type Listening, type NotificationHandlers } from './listening.js';
import { lowerSessionPriority } from './lowerPriority.js';

/** One parameterised statement; with a `name` it is prepared once per connection. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
  /** `array` gives rows as arrays, which is cheaper to read in bulk. */
  readonly rowMode?: 'array';
  /** How long to wait for its answer, in milliseconds; at most, and else, the database's own limit. */
  readonly answerMs?: number;
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

/** How the pool's connections are used. */
export interface PoolUse {
  readonly idle: number;
  readonly used: number;
  /** Who waits for a connection. */
  readonly waiting: number;
  readonly max: number;
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
  /**
   * Commits when `work` resolves, rolls back when it rejects.
   * @throws {TransactionRolledBack} a statement failed and `work` resolved all the same
   */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>;
  withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Follows notifications on a connection of its own that comes back by itself. */
  listen(channels: readonly string[], handlers: NotificationHandlers): Listening;
  /** A connection outside the pool that the caller ends, for locks that live as long as a session. */
  session(): Promise<pg.Client>;
  ping(signal?: AbortSignal): Promise<void>;
  poolUse(): PoolUse;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
const STATEMENT_MS = 60_000;
const IDLE_MS = 30_000;
/** How much longer than the server we wait at most for it to end a statement: it may be frozen or unreachable. */
const ANSWER_GRACE_MS = 5_000;
/** A silent connection is probed after this; the system's own default is two hours. */
const KEEP_ALIVE_MS = 15_000;

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
  /**
   * How long one statement may run, and a transaction may be left open without one, in milliseconds; default
   * 60,000, 0 for no limit.
   */
  readonly statementMs?: number;
  /** How long its answer may be overdue before the server counts as away; default 5,000, or as long as it may run. */
  readonly answerGraceMs?: number;
  /** How long to wait for a connection, a new one or one of the pool's; default likewise. */
  readonly connectMs?: number;
  /** The server's processes go behind those of everybody else, where they are on this machine. */
  readonly lowPriority?: boolean;
}): Database => {
  const { connectionString, logger } = options;
  const statementMs = options.statementMs ?? STATEMENT_MS;
  const limitMs =
    statementMs === 0
      ? 0
      : statementMs + (options.answerGraceMs ?? Math.min(ANSWER_GRACE_MS, statementMs));
  const config: pg.PoolConfig = {
    connectionString,
    types,
    connectionTimeoutMillis: options.connectMs ?? Math.min(CONNECT_MS, statementMs || CONNECT_MS),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'reellog',
  };
  const settle = async (client: pg.ClientBase): Promise<void> => {
    // Of a client that was cut off the server hears nothing: its locks would be held until the system gives it up.
    await settleSession(client, { statementMs, idleInTransactionMs: statementMs });
    if (options.lowPriority) await lowerSessionPriority(client).catch(() => undefined);
  };
  const pool = new pg.Pool({
    ...config,
    max: options.maxConnections,
    idleTimeoutMillis: IDLE_MS,
    // Before its first user has it.
    verify: (client, done) => {
      settle(client).then(
        () => {
          done();
        },
        (error: unknown) => {
          done(asUnavailable(error));
        },
      );
    },
  });
  const open = new Set<pg.PoolClient>();
  // A connection that dies while idle is not an event for anyone: the next query opens another.
  pool.on('error', (error) => {
    logger.debug({ err: error }, 'an idle database connection ended');
  });
  // The pool itself stops listening while a connection is out, and before its new user can begin to: an error
  // that comes in one piece with the connection's being ready finds nobody, which would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    open.add(client);
    client.once('end', () => open.delete(client));
  });

  const send = async <R extends object>(
    client: pg.Pool | pg.PoolClient,
    { text, values, name, rowMode, answerMs = limitMs }: Statement,
  ): Promise<pg.QueryResult<R>> => {
    const waitMs = limitMs === 0 ? answerMs : Math.min(answerMs, limitMs);
    try {
      return await client.query<R>({
        text,
        ...(values ? { values: [...values] } : {}),
        ...(name ? { name } : {}),
        ...(rowMode ? { rowMode } : {}),
        ...(waitMs > 0 ? { query_timeout: waitMs } : {}),
      });
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  const on = (client: pg.Pool | pg.PoolClient) =>
    async function query<R extends object = Row>(statement: Statement): Promise<readonly R[]> {
      return (await send<R>(client, statement)).rows;
    };
  const onPool = on(pool);

  const withConnection = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw asUnavailable(error);
    }
    let broken = false;
    try {
      return await work({ client, query: on(client) });
    } catch (error) {
      broken = error instanceof DatabaseUnavailable;
      throw error;
    } finally {
      // A connection in an unknown state, or inside a transaction, would carry it to the next user.
      client.release(broken || client.getTransactionStatus() !== 'I');
    }
  };

  const transaction = <T>(work: (tx: Connection) => Promise<T>): Promise<T> =>
    withConnection(async (connection) => {
      await connection.query({ text: 'begin' });
      let result: T;
      try {
        result = await work(connection);
      } catch (error) {
        // The connection is given up when the server is away; it would not answer this either.
        if (!(error instanceof DatabaseUnavailable)) {
          await connection.query({ text: 'rollback' }).catch((failure: unknown) => {
            logger.debug({ err: failure }, 'could not roll back: the connection is given up');
          });
        }
        throw error;
      }
      const { command } = await send(connection.client, { text: 'commit' });
      // What PostgreSQL answers when a statement had failed and `work` went on regardless.
      if (command === 'ROLLBACK') throw new TransactionRolledBack();
      return result;
    });

  const close = async (): Promise<void> => {
    // The pool says goodbye, and does not wait for what becomes of it.
    await pool.end();
    await Promise.all([...open].map(untilGone));
  };
  let closed: Promise<void> | undefined;
  return {
    connectionString,
    query: ({ signal, ...statement }) => abortable(() => onPool(statement), signal),
    withConnection,
    transaction,
    listen: (channels, handlers) => listenTo(config, channels, handlers, logger),
    session: async () => {
      const client = new pg.Client(config);
      client.on('error', (error) => {
        logger.debug({ err: error }, 'a database session ended');
      });
      try {
        await client.connect();
        await settleSession(client, { statementMs: 0, idleInTransactionMs: statementMs });
        return client;
      } catch (error) {
        void endConnection(client);
        throw asUnavailable(error);
      }
    },
    ping: async (signal) => {
      await abortable(() => onPool({ text: 'select 1' }), signal);
    },
    poolUse: () => ({
      idle: pool.idleCount,
      used: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
      max: options.maxConnections,
    }),
    close: () => (closed ??= close()),
  };
};

/** Stops waiting when the signal aborts; the statement itself ends by its own time limit. */
const abortable = async <T>(start: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  if (!signal) return start();
  signal.throwIfAborted();
  const work = start();
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
  }
};
