import type pg from 'pg';
import type {
  InvalidationKey,
  Projection,
  ProjectionTransaction,
} from '../../projections/ports/projection.js';
import {
  CheckpointMoved,
  type Checkpoint,
  type Lead,
  type ReadModelStore,
} from '../../projections/ports/readModelStore.js';
import type { Connection, Database } from '../postgres/database.js';
import { notifyChanged, notifyReset } from './changeNotices.js';

type CheckpointRow = Omit<Checkpoint, 'never'>;

const COLUMNS = 'name, version, position, generation';
/** The advisory locks of projections, apart from others in the database. */
const LOCK_SPACE = 72_365;

/** Read models in PostgreSQL, a schema each. */
export const createReadModelStore = (
  database: Database,
): ReadModelStore & { close(): Promise<void> } => {
  const leads = new LeadSession(database);
  return {
    tryLead: (name) => leads.tryLead(name),
    prepare: (projection) =>
      database.transaction(async (tx) => {
        const stored = await lockCheckpoint(tx, projection.name);
        return stored?.version === projection.version
          ? stored
          : create(tx, projection, (stored?.generation ?? 0) + 1);
      }),
    advance: (from, to, work) =>
      database.transaction(async (tx) => {
        await tx.query({ text: `set local search_path to ${quoted(from.name)}, public` });
        const [moved] = await tx.query<CheckpointRow>({
          name: 'projections.advance',
          text: `update projections.checkpoints set position = $4, updated_at = now()
                 where name = $1 and position = $2 and generation = $3
                 returning ${COLUMNS}`,
          values: [from.name, from.position, from.generation, to],
        });
        if (!moved) throw new CheckpointMoved(`${from.name} is not at ${from.position} any more`);
        const keys: Iterable<InvalidationKey> = await work(ownStatements(tx, from));
        await notifyChanged(tx, from.name, to, [...new Set(keys)]);
        return moved;
      }),
    reset: (projection) =>
      database.transaction(async (tx) => {
        const stored = await lockCheckpoint(tx, projection.name);
        const checkpoint = await create(tx, projection, (stored?.generation ?? 0) + 1);
        await notifyReset(tx, projection.name);
        return checkpoint;
      }),
    checkpoints: () =>
      database.query<CheckpointRow>({
        text: `select ${COLUMNS} from projections.checkpoints order by name`,
      }),
    close: () => leads.close(),
  };
};

/**
 * Prepared statements under names of this read model and generation: the same name in another schema would be
 * planned over and over, or refused because its rows look different.
 */
const ownStatements = (tx: Connection, from: Checkpoint): ProjectionTransaction => ({
  query: ({ name, ...statement }) =>
    tx.query({
      ...statement,
      ...(name === undefined ? {} : { name: `${from.name}/${from.generation}/${name}` }),
    }),
});

const lockCheckpoint = async (tx: Connection, name: string): Promise<Checkpoint | undefined> => {
  const rows = await tx.query<CheckpointRow>({
    text: `select ${COLUMNS} from projections.checkpoints where name = $1 for update`,
    values: [name],
  });
  return rows[0];
};

/** A new, empty read model, with its checkpoint before the first event. */
const create = async (
  tx: Connection,
  { name, version, tables }: Projection,
  generation: number,
): Promise<Checkpoint> => {
  const schema = quoted(name);
  await tx.query({ text: `drop schema if exists ${schema} cascade` });
  await tx.query({ text: `create schema ${schema}` });
  await tx.query({ text: `set local search_path to ${schema}, public` });
  await tx.query({ text: tables });
  const rows = await tx.query<CheckpointRow>({
    text: `insert into projections.checkpoints (name, version, position, generation)
           values ($1, $2, 0, $3)
           on conflict (name) do update
             set version = excluded.version, position = 0, generation = excluded.generation,
                 updated_at = now()
           returning ${COLUMNS}`,
    values: [name, version, generation],
  });
  const [checkpoint] = rows;
  if (!checkpoint) throw new Error(`the checkpoint of ${name} was not written`);
  return checkpoint;
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * One session that holds the leads of this process: PostgreSQL frees its advisory locks when it ends, however
 * it ends.
 */
class LeadSession {
  readonly #database: Database;
  #session: Promise<{ client: pg.Client; ended: AbortController }> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  async tryLead(name: string): Promise<Lead | undefined> {
    const { client, ended } = await (this.#session ??= this.#open());
    const { rows } = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as held',
      [LOCK_SPACE, name],
    );
    if (rows[0]?.held !== true) return undefined;
    return {
      lost: ended.signal,
      release: async () => {
        if (ended.signal.aborted) return;
        await client.query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_SPACE, name]);
      },
    };
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    await session?.client.end().catch(() => undefined);
  }

  async #open() {
    try {
      const client = await this.#database.session();
      const ended = new AbortController();
      const end = () => {
        this.#session = undefined;
        ended.abort();
      };
      client.once('end', end);
      client.once('error', end);
      return { client, ended };
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }
}
