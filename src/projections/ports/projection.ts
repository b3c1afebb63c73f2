import type { DomainEvent, EventTypeName } from '../../domain/eventTypes.js';
import type { RecordedEvent } from '../../commands/ports/eventStore.js';
import type { WantedRows } from './wantedRows.js';

type EventsByType = { [Event in DomainEvent as Event['type']]: Event };

/** A recorded event with the domain's own types; events of the newest schema version. */
export type ProjectedEvent<Type extends EventTypeName = EventTypeName> = {
  [Name in Type]: Omit<RecordedEvent, 'type' | 'data'> & EventsByType[Name];
}[Type];

/**
 * A read model: its tables, and how a page of events changes their rows. One folder each under
 * `src/projections/`. The engine runs them: it owns transactions, checkpoints, locks and rebuilds.
 */
export interface Projection<Type extends EventTypeName = EventTypeName> {
  /** Also the name of the PostgreSQL schema that holds the tables: lower case, underscores. */
  readonly name: string;
  /** Raised when the tables or the fold change: the engine rebuilds a read model of another version. */
  readonly version: number;
  /** The events it wants; others are never delivered. */
  readonly handles: readonly Type[];
  /**
   * DDL of the tables and their indexes, statements divided by `;`, names unqualified: run with
   * `search_path` set to the projection's schema.
   */
  readonly tables: string;
  /** Columns with what people wrote: told nowhere but where it is asked for. */
  readonly personal?: readonly string[];
  /**
   * Where all rows that an event touches belong to one thing, such as a person: that thing. A rebuild can then be
   * divided among workers, each with a share of the things. What PostgreSQL numbers by itself is numbered anew when
   * the shares are joined.
   */
  belongsTo?(event: ProjectedEvent<Type>): string;
  /**
   * Applies a page of events, oldest first: loads the rows it touches with set-based SQL, folds in
   * memory, writes with set-based SQL, all in the transaction given. Table names unqualified. Events
   * are delivered exactly once in effect. Never rejects an event for a business reason.
   * @returns the keys whose cached answers changed, such as `movie:<id>` or `stats:<userId>`.
   */
  // A method and not a property, so that one list can hold projections of different events.
  project(
    events: readonly ProjectedEvent<Type>[],
    tx: ProjectionTransaction,
  ): Promise<Iterable<InvalidationKey>>;
}

/**
 * What cached answers depend on, such as `movie:<id>` or `stats:<userId>`. The read model's own name means
 * everything that is answered from it.
 */
export type InvalidationKey = string;

/** The open transaction that rows and checkpoint share. */
export interface ProjectionTransaction {
  /**
   * Runs one parameterised statement (named and prepared when `name` is given). In a rebuild tables get their
   * keys when a statement needs them, and their other indexes at the end.
   */
  query<Row extends object = Record<string, unknown>>(statement: {
    readonly text: string;
    readonly values?: readonly unknown[];
    readonly name?: string;
    /** The tables whose primary keys it needs; default: all of the read model. */
    readonly tables?: readonly string[];
  }): Promise<readonly Row[]>;
  /**
   * Inserts rows that are surely not there yet, by COPY. Objects and arrays go as JSON, but for the columns of
   * an SQL array type that `arrays` names.
   */
  copy(
    table: string,
    columns: readonly string[],
    rows: readonly object[],
    arrays?: readonly string[],
  ): Promise<void>;
  /** In a rebuild: keeps rows from page to page, so that most are written once. */
  readonly memory?: RowMemory;
}

/** The rows that a rebuild has in memory, of all tables of one read model. */
export interface RowMemory {
  /** The tables may have rows that were written before this memory began. */
  readonly resumed: boolean;
  /** The rows that are made, where not all are: sums of others need not be kept. */
  readonly wanted?: WantedRows;
  /** From now on this table's rows count. */
  keep(table: KeptTable): void;
}

/** The rows of one table in memory. */
export interface KeptTable {
  /** What its rows take, in kilobytes; an estimate. */
  readonly size: number;
  /**
   * Writes the rows that changed: those that were not touched since the last time, which are then forgotten, or
   * all.
   */
  spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void>;
}
