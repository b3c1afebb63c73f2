import type { RebuildSite } from '../../../projections/ports/rebuildSite.js';
import type { InvalidationKey } from '../../../projections/ports/projection.js';
import type { Queryable } from '../../postgres/database.js';
import { notifyServed } from '../notices/changeNotices.js';
import { lockCheckpoint } from '../live/checkpoints.js';
import { reopenParked, settleParked } from '../parking/parkedEvents.js';
import { quoted } from '../live/schemas.js';

/**
 * Puts a rebuild in the place of what is served, within the open transaction: rows, checkpoint and version change
 * together, and nobody sees anything in between. Whoever wrote the rows of before finds the checkpoint moved.
 * What was served stays, to go back to; what was kept for that until now is dropped.
 * @param catchUp projects what the rows of before have and the rebuild has not, up to the position
 * @returns the position that the rows are served at
 */
export const serveRebuild = async (
  tx: Queryable,
  { rebuild, place, projection }: Pick<RebuildSite, 'rebuild' | 'place' | 'projection'>,
  catchUp: (to: bigint) => Promise<Iterable<InvalidationKey>>,
): Promise<bigint> => {
  const served = await lockCheckpoint(tx, projection.name);
  let position = place.checkpoint;
  if (served && served.position > position) {
    await catchUp(served.position);
    ({ position } = served);
  }
  if (served) await retire(tx, served);
  // A rebuild has every event up to here, but for those that were discarded.
  await settleParked(tx, projection.name, rebuild.schema);
  if (rebuild.rollsBack && served) await reopenParked(tx, projection.name, served.schema);
  await tx.query({
    text: `update projections.builds
           set state = 'served', position = $2, checkpoint = $2, finished_at = now(),
               updated_at = now(), rolls_back = false, cancel_requested = false, error = null
           where id = $1`,
    values: [rebuild.id, position],
  });
  await tx.query({
    text: `insert into projections.checkpoints as c (name, version, position, generation, schema)
           values ($1, $2, $3, 1, $4)
           on conflict (name) do update
             set version = excluded.version, position = excluded.position, schema = excluded.schema,
                 generation = c.generation + 1, failure = null, updated_at = now()`,
    values: [projection.name, rebuild.version, position, rebuild.schema],
  });
  await notifyServed(tx, { projection: projection.name, schema: rebuild.schema, position });
  return position;
};

/** One step back is kept, no more. */
const retire = async (
  tx: Queryable,
  served: { name: string; version: number; schema: string; position: bigint },
): Promise<void> => {
  const older = await tx.query<{ schema: string }>({
    text: `update projections.builds set state = 'dropped', updated_at = now()
           where name = $1 and state = 'retired' returning schema`,
    values: [served.name],
  });
  for (const { schema } of older) {
    await tx.query({ text: `drop schema if exists ${quoted(schema)} cascade` });
  }
  // What was served before the first rebuild was never built.
  await tx.query({
    text: `insert into projections.builds as b
             (name, version, schema, state, position, checkpoint, requested_by, finished_at)
           values ($1, $2, $3, 'retired', $4, $4, 'the first start', now())
           on conflict (schema) do update
             set state = 'retired', position = excluded.position, checkpoint = excluded.checkpoint,
                 updated_at = now()`,
    values: [served.name, served.version, served.schema, served.position],
  });
};
