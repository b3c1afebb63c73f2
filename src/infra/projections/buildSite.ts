import type pg from 'pg';
import type { Build } from '../../projections/ports/builds.js';
import type { BuildSite, BuildSites } from '../../projections/ports/buildSite.js';
import type {
  Projection,
  ProjectionTransaction,
  RowMemory,
} from '../../projections/ports/projection.js';
import { copyRows } from '../postgres/copyRows.js';
import type { Database, Queryable, Statement } from '../postgres/database.js';
import { asUnavailable } from '../postgres/databaseErrors.js';
import { endConnection } from '../postgres/endConnection.js';
import { deferIndexes, missingIndexes, type DeferredIndex } from './deferredIndexes.js';
import { quoted } from './schemas.js';
import { serveBuild } from './swap.js';

/** One statement of a rebuild, such as making an index of a very large table, may take so long. */
const STATEMENT_MS = 60 * 60_000;

/**
 * What a session of a rebuild is set to. Its rows are lost with its checkpoint, if at all, and made again: they
 * need not wait for the disk. Its transactions are open for long without a statement.
 */
const SETTINGS = `
  set synchronous_commit to off;
  set idle_in_transaction_session_timeout to 0;
  set maintenance_work_mem to '128MB'`;

/** The sites of rebuilds in a database. */
export const createBuildSites = (database: Database): BuildSites => ({
  open: async (projection, build) => {
    const client = await database.session();
    try {
      const session = queryableOf(client);
      for (const text of SETTINGS.split(';')) await session.query({ text });
      const begun = await begin(session, projection, build);
      return new OpenSite(client, session, projection, build, begun);
    } catch (error) {
      await endConnection(client);
      throw error;
    }
  },
});

const queryableOf = (client: pg.Client): Queryable => ({
  query: async <Row extends object>({ text, values, name }: Statement) => {
    try {
      const limit = { query_timeout: STATEMENT_MS };
      const { rows } = await client.query<Row>({
        text,
        ...(values ? { values: [...values] } : {}),
        ...(name ? { name } : {}),
        ...limit,
      });
      return rows;
    } catch (error) {
      throw asUnavailable(error);
    }
  },
});

interface Begun {
  readonly checkpoint: bigint;
  readonly resumed: boolean;
  readonly deferred: readonly DeferredIndex[];
}

/** Makes the schema, unless it is there with what was made of it. */
const begin = async (session: Queryable, projection: Projection, build: Build): Promise<Begun> => {
  await session.query({ text: 'begin' });
  const [row] = await session.query<{ checkpoint: bigint; indexes: DeferredIndex[] | null }>({
    text: 'select checkpoint, indexes from projections.builds where id = $1 for update',
    values: [build.id],
  });
  const schema = quoted(build.schema);
  await session.query({ text: `set search_path to ${schema}, public` });
  let begun: Begun = {
    checkpoint: row?.checkpoint ?? 0n,
    resumed: true,
    deferred: row?.indexes ?? [],
  };
  // What is served, or was, was not begun here.
  if (begun.checkpoint === 0n && !build.rollsBack) {
    await session.query({ text: `drop schema if exists ${schema} cascade` });
    await session.query({ text: `create schema ${schema}` });
    await session.query({ text: projection.tables });
    const deferred = await deferIndexes(session, build.schema);
    await session.query({
      text: `update projections.builds set indexes = $2, started_at = coalesce(started_at, now())
             where id = $1`,
      values: [build.id, JSON.stringify(deferred)],
    });
    begun = { checkpoint: 0n, resumed: false, deferred };
  }
  await session.query({ text: 'commit' });
  return begun;
};

class OpenSite implements BuildSite {
  readonly projection: Projection;
  readonly build: Build;
  readonly resumed: boolean;
  readonly #client: pg.Client;
  readonly #session: Queryable;
  readonly #deferred: readonly DeferredIndex[];
  /** The tables whose keys are still to be made. */
  readonly #keyless: Set<string>;
  #checkpoint: bigint;
  #isOpen = false;

  constructor(
    client: pg.Client,
    session: Queryable,
    projection: Projection,
    build: Build,
    begun: Begun,
  ) {
    this.#client = client;
    this.#session = session;
    this.projection = projection;
    this.build = build;
    this.#checkpoint = begun.checkpoint;
    this.resumed = begun.resumed;
    this.#deferred = begun.deferred;
    this.#keyless = new Set(begun.deferred.filter(({ isKey }) => isKey).map(({ table }) => table));
  }

  get checkpoint(): bigint {
    return this.#checkpoint;
  }

  async inTransaction<T>(
    work: (tx: ProjectionTransaction) => Promise<T>,
    memory?: RowMemory,
  ): Promise<T> {
    await this.#begin();
    return work(this.#statements(memory));
  }

  async commit(position: bigint): Promise<void> {
    await this.#begin();
    await this.#session.query({
      text: 'update projections.builds set checkpoint = $2 where id = $1',
      values: [this.build.id, position],
    });
    await this.#session.query({ text: 'commit' });
    this.#isOpen = false;
    this.#checkpoint = position;
  }

  async makeIndexes(): Promise<void> {
    await this.#begin();
    await this.#make(() => true);
    for (const table of new Set(this.#deferred.map((index) => index.table))) {
      await this.#session.query({ text: `analyze ${quoted(table)}` });
    }
    await this.commit(this.#checkpoint);
  }

  async serve(catchUp: Parameters<BuildSite['serve']>[0]): Promise<bigint> {
    await this.#begin();
    const position = await serveBuild(this.#session, this, (to) => catchUp(this.#statements(), to));
    await this.#session.query({ text: 'commit' });
    this.#isOpen = false;
    this.#checkpoint = position;
    return position;
  }

  close(): Promise<void> {
    return endConnection(this.#client);
  }

  async #begin(): Promise<void> {
    if (this.#isOpen) return;
    await this.#session.query({ text: 'begin' });
    this.#isOpen = true;
  }

  /** Makes the keys of these tables, in the transaction that is open. */
  async #makeKeys(tables: readonly string[]): Promise<void> {
    const wanted = tables.filter((table) => this.#keyless.delete(table));
    if (wanted.length === 0) return;
    await this.#make(({ isKey, table }) => isKey && wanted.includes(table));
  }

  async #make(which: (index: DeferredIndex) => boolean): Promise<void> {
    const wanted = this.#deferred.filter(which);
    if (wanted.length === 0) return;
    for (const { statement } of await missingIndexes(this.#session, this.build.schema, wanted)) {
      await this.#session.query({ text: statement });
    }
  }

  #statements(memory?: RowMemory): ProjectionTransaction {
    return {
      query: async ({ tables = [...this.#keyless], ...statement }) => {
        await this.#makeKeys(tables);
        return this.#session.query(statement);
      },
      copy: (table, columns, rows, arrays = []) =>
        copyRows(this.#client, { table, columns, arrays }, rows, STATEMENT_MS),
      ...(memory ? { memory } : {}),
    };
  }
}
