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
  type ProjectionFailure,
  type ReadModelStore,
  type StoredCheckpoint,
} from '../../projections/ports/readModelStore.js';
import type { Connection, Database, Queryable } from '../postgres/database.js';
import { copyRows } from '../postgres/copyRows.js';
import { endConnection } from '../postgres/endConnection.js';
import { notifyChanged, notifyReset } from './changeNotices.js';
import { isLed, LEAD_LOCK_SPACE } from './leadLocks.js';
import { quoted } from './schemas.js';

type StoredRow = Omit<StoredCheckpoint, 'failure'> & {
  readonly failure: ProjectionFailure | null;
};

const COLUMNS = 'name, version, position, generation, schema';
/** The advisory locks of checkpoints, which may not be there yet to be locked. */
const CHECKPOINT_LOCK_SPACE = 72_366;

/**
 * A lock that is free is had at once: a session that says nothing for so long, in milliseconds, is lost. It is
 * asked for a sign of life as often. PostgreSQL ends it when it has heard nothing for three times as long: of a
 * machine or a network that is gone it is not told, and nobody else could lead for hours.
 */
export const LEAD_ANSWER_MS = 5_000;
const UNHEARD = 3;

/** Read models in PostgreSQL, a schema each. */
export const createReadModelStore = (
  database: Database,
  options: { readonly leadAnswerMs?: number } = {},
): ReadModelStore & { close(): Promise<void> } => {
  const leads = new LeadSession(database, options.leadAnswerMs ?? LEAD_ANSWER_MS);
  return {
    tryLead: (name) => leads.tryLead(name),
    prepare: (projection) =>
      database.transaction(async (tx) => {
        const stored = await lockCheckpoint(tx, projection.name);
        return stored?.version === projection.version
          ? takeOver(tx, stored)
          : create(tx, projection, stored);
      }),
    advance: (from, to, work) =>
      database.transaction(async (tx) => {
        const [moved] = await tx.query<Checkpoint>({
          name: 'projections.advance',
          // Rows and checkpoint are lost together, if at all, and made again from the log: they need not wait
          // for the disk. Commits that notify wait for each other, and would do so for each one's disk write.
          text: `update projections.checkpoints
                 set position = $4, failure = null, updated_at = now()
                 where name = $1 and position = $2 and generation = $3
                 returning ${COLUMNS}, set_config('search_path', $5, true),
                   set_config('synchronous_commit', 'off', true)`,
          values: [from.name, from.position, from.generation, to, `${quoted(from.schema)}, public`],
        });
        if (!moved) throw new CheckpointMoved(`${from.name} is not at ${from.position} any more`);
        const keys: Iterable<InvalidationKey> = await work(ownStatements(tx, from));
        await notifyChanged(tx, from.name, { from: from.position, to }, [...new Set(keys)]);
        return moved;
      }),
    reset: (projection) =>
      database.transaction(async (tx) => {
        const stored = await lockCheckpoint(tx, projection.name);
        const checkpoint = await create(tx, projection, stored);
        await notifyReset(tx, projection.name);
        return checkpoint;
      }),
    reportFailure: async (name, failure) => {
      await database.query({
        text: 'update projections.checkpoints set failure = $2 where name = $1',
        values: [name, JSON.stringify(failure)],
      });
    },
    checkpoints: async () => {
      const rows = await database.query<StoredRow>({
        text: `select ${COLUMNS}, updated_at as "updatedAt", failure, ${isLed('c.name')} as led
               from projections.checkpoints c order by name`,
        values: [LEAD_LOCK_SPACE],
      });
      return rows.map(({ failure, ...row }) => ({ ...row, ...(failure ? { failure } : {}) }));
    },
    close: () => leads.close(),
  };
};

/** The read models that a worker leads, in whatever process: somebody is writing them. */
export const ledReadModels = async (database: Queryable): Promise<readonly string[]> => {
  const rows = await database.query<{ name: string }>({
    text: `select name from projections.checkpoints c where ${isLed('c.name')} order by name`,
    values: [LEAD_LOCK_SPACE],
  });
  return rows.map(({ name }) => name);
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
  copy: (table, columns, rows, arrays = []) =>
    copyRows(tx.client, { table, columns, arrays }, rows),
});

const lockCheckpoint = async (tx: Connection, name: string): Promise<Checkpoint | undefined> => {
  await tx.query({
    text: 'select pg_advisory_xact_lock($1, hashtext($2))',
    values: [CHECKPOINT_LOCK_SPACE, name],
  });
  const rows = await tx.query<Checkpoint>({
    text: `select ${COLUMNS} from projections.checkpoints where name = $1 for update`,
    values: [name],
  });
  return rows[0];
};

/** Raises the generation: whoever worked with an older one cannot write any more. */
const takeOver = async (tx: Connection, { name }: Checkpoint): Promise<Checkpoint> => {
  const rows = await tx.query<Checkpoint>({
    text: `update projections.checkpoints set generation = generation + 1 where name = $1
           returning ${COLUMNS}`,
    values: [name],
  });
  return onlyOne(rows, name);
};

/** A new, empty read model, with its checkpoint before the first event. */
const create = async (
  tx: Connection,
  { name, version, tables }: Projection,
  stored: Checkpoint | undefined,
): Promise<Checkpoint> => {
  const schema = quoted(stored?.schema ?? name);
  // Without a checkpoint of ours a schema of this name is somebody else's: making it fails, as it should.
  if (stored) await tx.query({ text: `drop schema if exists ${schema} cascade` });
  await tx.query({ text: `create schema ${schema}` });
  await tx.query({ text: `set local search_path to ${schema}, public` });
  await tx.query({ text: tables });
  const rows = await tx.query<Checkpoint>({
    text: `insert into projections.checkpoints (name, version, position, generation, schema)
           values ($1, $2, 0, $3, $1)
           on conflict (name) do update
             set version = excluded.version, position = 0, generation = excluded.generation,
                 failure = null, updated_at = now()
           returning ${COLUMNS}`,
    values: [name, version, (stored?.generation ?? 0) + 1],
  });
  return onlyOne(rows, name);
};

const onlyOne = ([checkpoint]: readonly Checkpoint[], name: string): Checkpoint => {
  if (!checkpoint) throw new Error(`the checkpoint of ${name} was not written`);
  return checkpoint;
};

/**
 * One session that holds the leads of this process: PostgreSQL frees its advisory locks when it ends, however
 * it ends.
 */
class LeadSession {
  readonly #database: Database;
  readonly #answerMs: number;
  #current: Promise<OpenSession> | undefined;
  /** A connection runs one statement at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(database: Database, answerMs: number) {
    this.#database = database;
    this.#answerMs = answerMs;
  }

  async tryLead(name: string): Promise<Lead | undefined> {
    const session = await (this.#current ??= this.#open());
    const rows = await this.#ask(session, 'select pg_try_advisory_lock($1, hashtext($2)) as held', [
      LEAD_LOCK_SPACE,
      name,
    ]);
    if (rows[0]?.held !== true) return undefined;
    return {
      lost: session.ended.signal,
      release: async () => {
        if (session.ended.signal.aborted) return;
        await this.#ask(session, 'select pg_advisory_unlock($1, hashtext($2)) as held', [
          LEAD_LOCK_SPACE,
          name,
        ]);
      },
    };
  }

  async close(): Promise<void> {
    const session = await this.#current?.catch(() => undefined);
    if (!session) return;
    await endConnection(session.client);
  }

  #ask(
    session: OpenSession,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly { held: boolean }[]> {
    const answer = this.#turn.then(async () => {
      try {
        const statement = { text, values: [...values], query_timeout: this.#answerMs };
        const { rows } = await session.client.query<{ held: boolean }>(statement);
        return rows;
      } catch (error) {
        // What it holds by now is not known: it ends, and its locks with it.
        session.end();
        throw error;
      }
    });
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  #open(): Promise<OpenSession> {
    const opening = this.#connect(() => {
      // Only this session: by now there may be the next.
      if (this.#current === opening) this.#current = undefined;
    });
    return opening;
  }

  async #connect(forget: () => void): Promise<OpenSession> {
    try {
      const client = await this.#database.session();
      const ended = new AbortController();
      const end = () => {
        forget();
        clearInterval(signs);
        if (ended.signal.aborted) return;
        ended.abort();
        void endConnection(client);
      };
      client.once('end', end);
      client.once('error', end);
      const session = { client, ended, end };
      const signs = setInterval(() => {
        this.#ask(session, 'select true as held', []).catch(() => undefined);
      }, this.#answerMs);
      await this.#ask(
        session,
        `select set_config('idle_session_timeout', $1, false) is not null as held`,
        [String(UNHEARD * this.#answerMs)],
      );
      return session;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

interface OpenSession {
  readonly client: pg.Client;
  /** Aborts when the session has ended. */
  readonly ended: AbortController;
  readonly end: () => void;
}
