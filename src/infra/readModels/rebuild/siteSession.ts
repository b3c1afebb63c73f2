import type pg from 'pg';
import type { Projection, ProjectionTransaction } from '../../../projections/ports/projection.js';
import { copyRows } from '../../postgres/copy/copyRows.js';
import { CopyWriter } from '../../postgres/copy/copyWriter.js';
import type { Database, Queryable, Statement } from '../../postgres/database.js';
import { asUnavailable } from '../../postgres/databaseErrors.js';
import { endConnection } from '../../postgres/endConnection.js';
import { lowerSessionPriority } from '../../postgres/lowerPriority.js';
import { deferIndexes, missingIndexes, type DeferredIndex } from './deferredIndexes.js';
import { lockFilled } from './filledSchemas.js';
import { quoted } from '../live/schemas.js';

/** One statement of a rebuild, such as making an index of a very large table, may take so long. */
const STATEMENT_MS = 60 * 60_000;

/**
 * What a session of a rebuild is set to. Its rows are lost with its checkpoint, if at all, and made again: they
 * need not wait for the disk. Its transactions are open for long without a statement. Workers that help to make an
 * index are started by the server, and would not step back as the session does.
 */
const SETTINGS = `
  set synchronous_commit to off;
  set idle_in_transaction_session_timeout to 0;
  set maintenance_work_mem to '128MB';
  set max_parallel_maintenance_workers to 0;
  set default_statistics_target to 25`;

/**
 * A database session on which the tables of one read model are filled, in a schema of its own: keys are made when
 * a statement needs them, other indexes at the end.
 */
export class SiteSession implements Queryable {
  readonly schema: string;
  /** Takes rows, in the transaction that is open then. */
  readonly rows: CopyWriter;
  readonly #client: pg.Client;
  #deferred: readonly DeferredIndex[] = [];
  /** The tables whose keys are still to be made. */
  #keyless: ReadonlySet<string> = new Set();
  #isOpen = false;

  private constructor(client: pg.Client, schema: string) {
    this.#client = client;
    this.schema = schema;
    this.rows = new CopyWriter(client, { begin: () => this.begin(), limitMs: STATEMENT_MS });
  }

  /** Begins with a transaction, in which the schema is made or found. */
  static async open(database: Database, schema: string): Promise<SiteSession> {
    const client = await database.session();
    const session = new SiteSession(client, schema);
    try {
      for (const text of SETTINGS.split(';')) await session.query({ text });
      await lockFilled(session, schema, 'session');
      await session.query({ text: `set search_path to ${quoted(schema)}, public` });
      await session.begin();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Goes behind everybody else who wants the CPU of the database's machine, where that is this one. */
  async lowerPriority(): Promise<void> {
    await lowerSessionPriority(this.#client);
  }

  async query<Row extends object>({ text, values, name }: Statement): Promise<readonly Row[]> {
    try {
      const limit = { query_timeout: STATEMENT_MS };
      const { rows } = await this.#client.query<Row>({
        text,
        ...(values ? { values: [...values] } : {}),
        ...(name ? { name } : {}),
        ...limit,
      });
      return rows;
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** Makes the schema anew, with tables and without keys and indexes. @returns what is to be made later */
  async makeTables({ tables }: Pick<Projection, 'tables'>): Promise<readonly DeferredIndex[]> {
    const schema = quoted(this.schema);
    await this.query({ text: `drop schema if exists ${schema} cascade` });
    await this.query({ text: `create schema ${schema}` });
    await this.query({ text: tables });
    this.defer(await deferIndexes(this, this.schema));
    return this.#deferred;
  }

  /** The tables are there; these keys and indexes are still to be made, as far as they are not. */
  defer(deferred: readonly DeferredIndex[]): void {
    this.#deferred = deferred;
    this.#keyless = new Set(deferred.filter(({ isKey }) => isKey).map(({ table }) => table));
  }

  /** Opens a transaction unless one is open. */
  async begin(mode = ''): Promise<void> {
    if (this.#isOpen) return;
    await this.query({ text: `begin ${mode}` });
    this.#isOpen = true;
  }

  async commit(): Promise<void> {
    await this.query({ text: 'commit' });
    this.#isOpen = false;
  }

  async rollback(): Promise<void> {
    await this.query({ text: 'rollback' });
    this.#isOpen = false;
  }

  /** Runs work in a transaction that stays open for the next. */
  async inTransaction<T>(work: (tx: ProjectionTransaction) => Promise<T>): Promise<T> {
    await this.rows.flush();
    await this.begin();
    return work(this.#statements());
  }

  /** Makes keys, or keys and indexes, that are not there yet, in the transaction that is open. */
  async makeIndexes(which: 'keys' | 'all'): Promise<void> {
    await this.#make(({ isKey }) => isKey || which === 'all');
    this.#keyless = new Set();
    for (const table of new Set(this.#deferred.map((index) => index.table))) {
      await this.query({ text: `analyze ${quoted(table)}` });
    }
  }

  /** Ends the session; what was not committed is undone. */
  close(): Promise<void> {
    return endConnection(this.#client);
  }

  #statements(): ProjectionTransaction {
    return {
      query: async ({ tables = [...this.#keyless], ...statement }) => {
        await this.#makeKeys(tables);
        return this.query(statement);
      },
      copy: (table, columns, rows, arrays = []) =>
        copyRows(this.#client, { table, columns, arrays }, rows, STATEMENT_MS),
    };
  }

  async #makeKeys(tables: readonly string[]): Promise<void> {
    const wanted = tables.filter((table) => this.#keyless.has(table));
    if (wanted.length === 0) return;
    this.#keyless = new Set([...this.#keyless].filter((table) => !wanted.includes(table)));
    await this.#make(({ isKey, table }) => isKey && wanted.includes(table));
  }

  async #make(which: (index: DeferredIndex) => boolean): Promise<void> {
    const wanted = this.#deferred.filter(which);
    if (wanted.length === 0) return;
    for (const { statement } of await missingIndexes(this, this.schema, wanted)) {
      await this.query({ text: statement });
    }
  }
}
