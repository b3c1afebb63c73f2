import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type {
  Projection,
  ProjectionTransaction,
  RowWriter,
} from '../../../projections/ports/projection.js';
import {
  ServedRowsMoved,
  type RowDifference,
  type ScratchSite,
  type ScratchSites,
  type ServedMoment,
  type ServedRows,
} from '../../../projections/ports/verification.js';
import type { Database, Queryable } from '../../postgres/database.js';
import { isNotThere } from '../../postgres/databaseErrors.js';
import { leftOutEvents } from '../parking/leftOutEvents.js';
import { comparableTables, rowDifferences, tablesOf, type Compared } from './rowDifferences.js';
import { quoted } from '../live/schemas.js';
import { SiteSession } from '../rebuild/siteSession.js';

/** The advisory locks of scratch schemas: one that nobody holds is of a schema that was left behind. */
const SPACE = 72_368;

const scratchName = (name: string): string => `verify_${name}_${randomBytes(6).toString('hex')}`;
/** What `scratchName` makes, as a regular expression of PostgreSQL. */
const SCRATCH_NAME = '^verify_.+_[0-9a-f]{12}$';

/** The scratch schemas of a database. */
export const createScratchSites = (database: Database, logger: Logger): ScratchSites => ({
  served: (name) => servedRows(database, name),
  leftOut: (name) => leftOutEvents(database, name),
  dropLeftOvers: async () => {
    const schemas = await database.query<{ schema: string }>({
      text: 'select nspname as schema from pg_namespace where nspname ~ $1',
      values: [SCRATCH_NAME],
    });
    for (const { schema } of schemas) {
      await database.transaction(async (tx) => {
        const [lock] = await tx.query<{ held: boolean }>({
          text: 'select pg_try_advisory_xact_lock($1, hashtext($2)) as held',
          values: [SPACE, schema],
        });
        if (lock?.held === true) await drop(tx, schema);
      });
    }
  },
  open: async (projection, { signal }) => {
    const session = await SiteSession.open(database, scratchName(projection.name));
    const site = new OpenScratch(session, projection, { database, logger });
    try {
      await site.begin(signal);
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  },
});

const servedRows = async (tx: Queryable, name: string): Promise<ServedRows | undefined> => {
  const [row] = await tx.query<ServedRows>({
    text: 'select schema, version, position from projections.checkpoints where name = $1',
    values: [name],
  });
  return row;
};

const drop = async (tx: Queryable, schema: string): Promise<void> => {
  await tx.query({ text: `drop schema if exists ${quoted(schema)} cascade` });
};

class OpenScratch implements ScratchSite {
  readonly projection: Projection;
  readonly #session: SiteSession;
  readonly #database: Database;
  readonly #logger: Logger;
  #hasKeys = false;
  #signal: AbortSignal | undefined;
  #backend = 0;
  #ending: Promise<void> = Promise.resolve();

  constructor(
    session: SiteSession,
    projection: Projection,
    dependencies: { readonly database: Database; readonly logger: Logger },
  ) {
    this.#session = session;
    this.projection = projection;
    this.#database = dependencies.database;
    this.#logger = dependencies.logger;
  }

  /** Makes the tables, with the lock that tells others that they are used. */
  async begin(signal: AbortSignal): Promise<void> {
    const session = this.#session;
    const [row] = await session.query<{ backend: number }>({
      text: 'select pg_backend_pid() as backend, pg_advisory_lock($1, hashtext($2))',
      values: [SPACE, session.schema],
    });
    this.#backend = row?.backend ?? 0;
    // One of its own: a signal that many listen to is taken for a leak.
    this.#signal = AbortSignal.any([signal]);
    this.#signal.addEventListener('abort', this.#endStatement, { once: true });
    signal.throwIfAborted();
    await session.lowerPriority();
    await session.makeTables(this.projection);
    // What is thrown away need not be written twice.
    for (const { name } of await tablesOf(session, session.schema)) {
      await session.query({ text: `alter table ${quoted(name)} set unlogged` });
    }
    await session.commit();
  }

  get rows(): RowWriter {
    return this.#session.rows;
  }

  drain(): Promise<void> {
    return this.#session.rows.drain();
  }

  inTransaction<T>(work: (tx: ProjectionTransaction) => Promise<T>): Promise<T> {
    return this.#session.inTransaction(work);
  }

  async commit(): Promise<void> {
    await this.#session.rows.flush();
    await this.#session.begin();
    if (!this.#hasKeys) await this.#session.makeIndexes('keys');
    this.#hasKeys = true;
    await this.#session.commit();
  }

  async openMoment(): Promise<ServedMoment> {
    const session = this.#session;
    const { name } = this.projection;
    const before = await servedRows(session, name);
    const moved = new ServedRowsMoved(`${name} is being made anew`);
    if (!before) throw moved;
    const compared = { served: before.schema, rebuilt: session.schema };
    const tables = await comparableTables(session, compared);
    // A snapshot is taken by the first statement that reads: by then nobody can drop the tables, or make others
    // of the same name, in which it would see nothing.
    await session.begin('isolation level repeatable read');
    try {
      await lockTables(
        session,
        tables.map((table) => `${quoted(before.schema)}.${quoted(table.name)}`),
      );
      const served = await servedRows(session, name);
      if (served?.schema !== before.schema) throw moved;
      return {
        served,
        leftOut: await leftOutEvents(session, name),
        countRows: () => countRows(session, tables, compared),
        differences: () => this.#differences(tables, compared),
        close: () => session.rollback(),
      };
    } catch (error) {
      await session.rollback();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#endStatement);
    await this.#ending;
    await this.#session.close();
    const { schema } = this.#session;
    try {
      await this.#database.transaction(async (tx) => {
        // The session's end may not have reached its server process yet.
        await tx.query({
          text: 'select pg_advisory_xact_lock($1, hashtext($2))',
          values: [SPACE, schema],
        });
        await drop(tx, schema);
      });
    } catch (err) {
      this.#logger.warn({ err, schema }, 'a scratch schema stays until the next verification');
    }
  }

  /** The server would go on with a statement that nobody waits for. */
  readonly #endStatement = (): void => {
    const cancelled = this.#database.query({
      text: 'select pg_cancel_backend($1)',
      values: [this.#backend],
    });
    this.#ending = cancelled.then(
      () => undefined,
      () => undefined,
    );
  };

  async *#differences(
    tables: Awaited<ReturnType<typeof comparableTables>>,
    compared: Compared,
  ): AsyncGenerator<RowDifference, void> {
    for (const table of tables) yield* rowDifferences(this.#session, table, compared);
  }
}

const lockTables = async (tx: Queryable, tables: readonly string[]): Promise<void> => {
  try {
    await tx.query({ text: `lock table ${tables.join(', ')} in access share mode` });
  } catch (error) {
    if (!isNotThere(error)) throw error;
    throw new ServedRowsMoved('the rows were dropped meanwhile', { cause: error });
  }
};

const countRows = async (
  tx: Queryable,
  tables: Awaited<ReturnType<typeof comparableTables>>,
  { served }: Compared,
): Promise<ReadonlyMap<string, bigint>> => {
  const counts = new Map<string, bigint>();
  for (const { name } of tables) {
    const [row] = await tx.query<{ rows: bigint }>({
      text: `select count(*) as rows from ${quoted(served)}.${quoted(name)}`,
    });
    counts.set(name, row?.rows ?? 0n);
  }
  return counts;
};
