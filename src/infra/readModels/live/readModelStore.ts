import type {
  InvalidationKey,
  Projection,
  ProjectionTransaction,
} from '../../../projections/ports/projection.js';
import {
  CheckpointMoved,
  OutdatedRows,
  type Checkpoint,
  type ProjectionFailure,
  type ReadModelStore,
  type StoredCheckpoint,
} from '../../../projections/ports/readModelStore.js';
import type { Connection, Database, Queryable } from '../../postgres/database.js';
import { copyRows } from '../../postgres/copy/copyRows.js';
import { LockSession } from '../../postgres/lockSession.js';
import { notifyChanged } from '../notices/changeNotices.js';
import { CHECKPOINT_COLUMNS, lockCheckpoint, NO_VERSION } from './checkpoints.js';
import { isLed, LEASE_LOCK_SPACE } from './leaseLocks.js';
import { leftOutEvents } from '../parking/leftOutEvents.js';
import { projectorGroup, type ProjectorGroup } from './projectorGroup.js';
import { quoted } from './schemas.js';

type StoredRow = Omit<StoredCheckpoint, 'failure'> & {
  readonly failure: ProjectionFailure | null;
};

/** Read models in PostgreSQL, a schema each. */
export const createReadModelStore = (
  database: Database,
  options: { readonly leaseAnswerMs?: number } = {},
): ReadModelStore & ProjectorGroup & { close(): Promise<void> } => {
  const locks = new LockSession(database, options.leaseAnswerMs);
  return {
    ...projectorGroup(database, locks),
    tryAcquire: (name) => locks.tryLock({ space: LEASE_LOCK_SPACE, name }),
    prepare: (projection) =>
      database.transaction(async (tx) => {
        const stored = await lockCheckpoint(tx, projection.name);
        if (!stored || stored.version === NO_VERSION) return create(tx, projection, stored);
        if (stored.version !== projection.version) {
          throw new OutdatedRows(stored, projection.version);
        }
        return takeOver(tx, stored);
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
                 returning ${CHECKPOINT_COLUMNS}, set_config('search_path', $5, true),
                   set_config('synchronous_commit', 'off', true)`,
          values: [from.name, from.position, from.generation, to, `${quoted(from.schema)}, public`],
        });
        if (!moved) throw new CheckpointMoved(`${from.name} is not at ${from.position} any more`);
        const keys: Iterable<InvalidationKey> = await work(
          ownStatements(tx, from),
          // Read after the checkpoint was locked, as by who applies parked events late.
          async () => (await leftOutEvents(tx, from.name)).missing,
        );
        await notifyChanged(tx, from.name, { from: from.position, to }, [...new Set(keys)]);
        return moved;
      }),
    reportFailure: async (name, failure) => {
      await database.query({
        text: 'update projections.checkpoints set failure = $2 where name = $1',
        values: [name, JSON.stringify(failure)],
      });
    },
    checkpoints: async () => {
      const rows = await database.query<StoredRow>({
        text: `select ${CHECKPOINT_COLUMNS}, updated_at as "updatedAt", failure, ${isLed('c.name')} as led
               from projections.checkpoints c order by name`,
        values: [LEASE_LOCK_SPACE],
      });
      return rows.map(({ failure, ...row }) => ({ ...row, ...(failure ? { failure } : {}) }));
    },
    close: () => locks.close(),
  };
};

/** The read models that a worker leads, in whatever process: somebody is writing them. */
export const ledReadModels = async (database: Queryable): Promise<readonly string[]> => {
  const rows = await database.query<{ name: string }>({
    text: `select name from projections.checkpoints c where ${isLed('c.name')} order by name`,
    values: [LEASE_LOCK_SPACE],
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

/** Raises the generation: whoever worked with an older one cannot write any more. */
const takeOver = async (tx: Connection, { name }: Checkpoint): Promise<Checkpoint> => {
  const rows = await tx.query<Checkpoint>({
    text: `update projections.checkpoints set generation = generation + 1 where name = $1
           returning ${CHECKPOINT_COLUMNS}`,
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
           returning ${CHECKPOINT_COLUMNS}`,
    values: [name, version, (stored?.generation ?? 0) + 1],
  });
  return onlyOne(rows, name);
};

const onlyOne = ([checkpoint]: readonly Checkpoint[], name: string): Checkpoint => {
  if (!checkpoint) throw new Error(`the checkpoint of ${name} was not written`);
  return checkpoint;
};
