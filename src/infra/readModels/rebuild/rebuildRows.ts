import {
  rebuildLease,
  type Rebuild,
  type RebuildState,
} from '../../../projections/ports/rebuildStore.js';
import { isLed } from '../live/leaseLocks.js';

/** The predicate of the index `builds_under_way`. */
export const UNDER_WAY = `state in ('waiting', 'replaying', 'indexing', 'catching-up')`;
/** With `$1` = `LEASE_LOCK_SPACE`: the lease of a read model's rebuilds is that of the one under way. */
export const COLUMNS = `id, name, version, schema, state, position, checkpoint, target, events, events_per_second,
  cancel_requested, rolls_back, error, requested_by, requested_at, started_at, updated_at, finished_at,
  ${UNDER_WAY} and ${isLed(`'${rebuildLease('')}' || b.name`)} as led`;

/** A rebuild as the table has it. */
export interface RebuildRow {
  readonly id: bigint;
  readonly name: string;
  readonly version: number;
  readonly schema: string;
  readonly state: RebuildState;
  readonly position: bigint;
  readonly checkpoint: bigint;
  readonly target: bigint;
  readonly events: bigint;
  readonly events_per_second: number | null;
  readonly cancel_requested: boolean;
  readonly rolls_back: boolean;
  readonly error: string | null;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly started_at: Date | null;
  readonly updated_at: Date;
  readonly finished_at: Date | null;
  readonly led: boolean;
}

/** @throws {Error} there is none */
export const onlyRow = <Row>([row]: readonly Row[]): Row => {
  if (row === undefined) throw new Error('the rebuild was not written');
  return row;
};

/** The rebuild that was written. */
export const onlyOne = (rows: readonly RebuildRow[]): Rebuild => rebuildOf(onlyRow(rows));

/** Leaves out what is null. */
export const rebuildOf = (row: RebuildRow): Rebuild => ({
  id: row.id,
  name: row.name,
  version: row.version,
  schema: row.schema,
  state: row.state,
  position: row.position,
  checkpoint: row.checkpoint,
  target: row.target,
  events: row.events,
  ...(row.events_per_second === null ? {} : { eventsPerSecond: row.events_per_second }),
  cancelRequested: row.cancel_requested,
  rollsBack: row.rolls_back,
  ...(row.error === null ? {} : { error: row.error }),
  requestedBy: row.requested_by,
  requestedAt: row.requested_at,
  ...(row.started_at === null ? {} : { startedAt: row.started_at }),
  updatedAt: row.updated_at,
  ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  led: row.led,
});
