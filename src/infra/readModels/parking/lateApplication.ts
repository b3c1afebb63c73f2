import type { ParkedEvents, ParkedState } from '../../../projections/ports/parking.js';
import type {
  InvalidationKey,
  ProjectionTransaction,
} from '../../../projections/ports/projection.js';
import { copyRows } from '../../postgres/copy/copyRows.js';
import type { Connection, Database } from '../../postgres/database.js';
import { notifyChanged } from '../notices/changeNotices.js';
import { leftOutEvents } from './leftOutEvents.js';
import { quoted } from '../live/schemas.js';

interface CheckpointRow {
  readonly version: number;
  readonly position: bigint;
  readonly schema: string;
}

/**
 * Projects a parked event late. The checkpoint's row is locked first, as by every page of a worker and by every
 * reset: the rows are changed between two pages, once, and not while they are made anew.
 */
export const lateApplication =
  (database: Database): ParkedEvents['apply'] =>
  ({ id }, { projection, position, actor, work }) =>
    database.transaction(async (tx) => {
      const [checkpoint] = await tx.query<CheckpointRow>({
        text: 'select version, position, schema from projections.checkpoints where name = $1 for update',
        values: [projection.name],
      });
      const [parked] = await tx.query<{ state: ParkedState; projection: string }>({
        text: 'select state, projection from projections.parked_events where id = $1 for update',
        values: [id],
      });
      if (parked?.state !== 'parked' || parked.projection !== projection.name) return 'not-parked';
      if (!checkpoint || position > checkpoint.position) return 'not-reached';
      if (checkpoint.version !== projection.version) return 'other-version';
      await tx.query({
        text: `select set_config('search_path', $1, true)`,
        values: [`${quoted(checkpoint.schema)}, public`],
      });
      const keys: Iterable<InvalidationKey> = await work(statementsOf(tx), {
        upTo: checkpoint.position,
        leftOut: (await leftOutEvents(tx, projection.name)).missing,
      });
      await tx.query({
        text: `
          with applied as (
            update projections.parked_events
            set state = 'applied', settled_at = now(), attempts = attempts + 1, version = $2
            where id = $1 returning id
          )
          insert into projections.parked_acts (parked_id, actor, act, outcome)
          select id, $3, 'retry', 'applied' from applied`,
        values: [id, projection.version, actor],
      });
      const { position: here } = checkpoint;
      await notifyChanged(tx, projection.name, { from: here, to: here }, [...new Set(keys)]);
      return 'applied';
    });

/** Nothing is prepared: the names of statements belong to the worker's generation. */
const statementsOf = (tx: Connection): ProjectionTransaction => ({
  query: ({ text, values }) => tx.query({ text, ...(values ? { values } : {}) }),
  copy: (table, columns, rows, arrays = []) =>
    copyRows(tx.client, { table, columns, arrays }, rows),
});
