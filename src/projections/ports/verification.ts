import type { RowsSite } from './rebuildSite.js';
import type { Projection } from './projection.js';

/** A read model as it is served at one moment. */
export interface ServedRows {
  readonly schema: string;
  readonly version: number;
  /** The position that the rows are true at. */
  readonly position: bigint;
}

/** The events that a read model was not given, or not in their turn. */
export interface LeftOutEvents {
  /** Those that are missing in the rows on purpose, parked or discarded: their positions by event id. */
  readonly missing: ReadonlyMap<string, bigint>;
  readonly parked: number;
  readonly discarded: number;
  /** How many were projected late, after events behind them: a rebuild has them in their turn. */
  readonly late: number;
}

/** One row that is not as a rebuild makes it. */
export interface RowDifference {
  readonly table: string;
  /** `missing`: not served; `surplus`: served, and not in a rebuild. */
  readonly kind: 'missing' | 'surplus' | 'differs';
  /** The columns of the primary key. */
  readonly key: Readonly<Record<string, unknown>>;
  /** The others that differ; all of a row that is missing or surplus. */
  readonly columns: readonly ColumnDifference[];
}

/** A column's values as JSON; `null` where there is no row. */
export interface ColumnDifference {
  readonly column: string;
  readonly served: unknown;
  readonly rebuilt: unknown;
}

/** What is compared moved away: it was made anew, or events were parked or applied meanwhile. */
export class ServedRowsMoved extends Error {
  override readonly name = 'ServedRowsMoved';
}

/** The rows cannot be compared, now or later: other tables, or one without a key. */
export class RowsNotComparable extends Error {
  override readonly name = 'RowsNotComparable';
}

/** Where read models are made anew to be looked at and thrown away. */
export interface ScratchSites {
  /** What is served now; `undefined` where nothing is. */
  served(name: string): Promise<ServedRows | undefined>;
  leftOut(name: string): Promise<LeftOutEvents>;
  /** Drops what killed processes have left behind. */
  dropLeftOvers(): Promise<void>;
  /** Opens an empty schema. The caller closes it; when the signal aborts, its statement under way is ended. */
  open(projection: Projection, options: { readonly signal: AbortSignal }): Promise<ScratchSite>;
}

/** One read model that is made anew to be compared, on a database session of its own. */
export interface ScratchSite extends RowsSite {
  /** Commits, with the keys by which rows are found. */
  commit(): Promise<void>;
  /**
   * Opens a transaction that sees what is served as it is at this one moment, and the rows here.
   * @throws {ServedRowsMoved} {RowsNotComparable}
   */
  openMoment(): Promise<ServedMoment>;
  /** Ends the session and drops the schema. */
  close(): Promise<void>;
}

/** What is served of a read model at one moment, to be compared with the rows of a scratch site. */
export interface ServedMoment {
  readonly served: ServedRows;
  readonly leftOut: LeftOutEvents;
  /** How many rows are served, by table. */
  countRows(): Promise<ReadonlyMap<string, bigint>>;
  /** Every row that differs, by table and key. */
  differences(): AsyncIterable<RowDifference>;
  /** Takes back whatever was written meanwhile. */
  close(): Promise<void>;
}
