import type { Checkpoint } from '../../../projections/ports/readModelStore.js';
import type { Queryable } from '../../postgres/database.js';

export const CHECKPOINT_COLUMNS = 'name, version, position, generation, schema';
/** The version of rows that are of no use, being of another log: their worker makes them anew. */
export const NO_VERSION = 0;
/** The advisory locks of checkpoints, which may not be there yet to be locked. */
const CHECKPOINT_LOCK_SPACE = 72_366;

/** The checkpoint of a read model, which nobody else writes or makes until the transaction ends. */
export const lockCheckpoint = async (
  tx: Queryable,
  name: string,
): Promise<Checkpoint | undefined> => {
  await tx.query({
    text: 'select pg_advisory_xact_lock($1, hashtext($2))',
    values: [CHECKPOINT_LOCK_SPACE, name],
  });
  const rows = await tx.query<Checkpoint>({
    text: `select ${CHECKPOINT_COLUMNS} from projections.checkpoints where name = $1 for update`,
    values: [name],
  });
  return rows[0];
};
