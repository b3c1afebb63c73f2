import type { DomainEvent, EventTypeName } from '../../domain/eventTypes.js';
import type { FoldedEvent } from '../../commands/ports/eventStore.js';

type EventsByType = { [Event in DomainEvent as Event['type']]: Event };

/** A recorded event with the domain's own types; events of the newest schema version. */
export type ProjectedEvent<Type extends EventTypeName = EventTypeName> = {
  [Name in Type]: Omit<FoldedEvent, 'type' | 'data'> & EventsByType[Name];
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
  /** Where given, a rebuild reads stream by stream instead of applying pages of the log. */
  readonly folds?: StreamFolds<Type>;
  /**
   * Applies a page of events, oldest first: folds in memory and writes with set-based SQL, all in the transaction
   * given. Table names unqualified. Events are delivered exactly once in effect. Never rejects an event for a
   * business reason.
   * @param past what its rows have already of the streams of these events
   * @returns the keys whose cached answers changed, such as `movie:<id>` or `stats:<userId>`.
   */
  // A method and not a property, so that one list can hold projections of different events.
  project(
    events: readonly ProjectedEvent<Type>[],
    tx: ProjectionTransaction,
    past: PastOfStreams<Type>,
  ): Promise<Iterable<InvalidationKey>>;
}

/** What a read model's rows have of streams so far: the log is its only memory. */
export interface PastOfStreams<Type extends EventTypeName = EventTypeName> {
  /** The events of a stream that were applied, in the stream's order; none where it is new to the read model. */
  of(stream: string): readonly ProjectedEvent<Type>[];
}

/** How rows follow from streams, a whole owner at a time: a person with all their streams, a film with its one. */
export interface StreamFolds<Type extends EventTypeName = EventTypeName> {
  /** What the names of its streams begin with; the id of the owner follows. */
  readonly prefixes: readonly string[];
  /** Begins to make all rows anew. */
  begin(): OwnerFold<Type>;
}

/** Makes rows, one owner after the other, each once. */
export interface OwnerFold<Type extends EventTypeName = EventTypeName> {
  /**
   * Takes streams of one owner, who may have more than fit into memory: the others follow, and then `endOwner`.
   * @param streams those that have events, each whole and in its order
   */
  add(streams: readonly (readonly ProjectedEvent<Type>[])[], rows: RowWriter): void;
  /** Writes what follows from all streams of the owner together. */
  endOwner?(rows: RowWriter): void;
  /** Adds what owners came to together since this was called last, where rows belong to several of them. */
  addShared?(tx: ProjectionTransaction): Promise<void>;
}

/** A table of a read model, as far as rows are written to it. */
export interface WrittenTable {
  readonly name: string;
  /** The columns of an SQL array type; other arrays are kept as JSON. */
  readonly arrays: readonly string[];
}

/** Takes rows that are surely not there yet; all rows of a table have the same columns. */
export interface RowWriter {
  write(table: WrittenTable, rows: readonly object[]): void;
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
}
