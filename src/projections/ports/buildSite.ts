import type { Build } from './builds.js';
import type {
  InvalidationKey,
  Projection,
  ProjectionTransaction,
  RowMemory,
} from './projection.js';

/** Where rebuilds are made: beside what is served, each in a schema of its own. */
export interface BuildSites {
  /**
   * Opens the schema of a build: a new one without its keys and indexes, or one that was begun.
   * The caller closes it.
   */
  open(projection: Projection, build: Build): Promise<BuildSite>;
}

/** Where the rows of one read model are made anew. */
export interface RowsSite {
  readonly projection: Projection;
  /** Runs work in a transaction that stays open for the next. */
  inTransaction<T>(work: (tx: ProjectionTransaction) => Promise<T>, memory?: RowMemory): Promise<T>;
}

/** One build in hand, on a database session of its own. */
export interface BuildSite extends RowsSite {
  readonly build: Build;
  /** The position of the rows that are committed. */
  readonly checkpoint: bigint;
  /** Whether rows were committed before it was opened. */
  readonly resumed: boolean;
  /** Commits the transaction with the position that the rows are true at. */
  commit(position: bigint): Promise<void>;
  /** Makes the keys and indexes that are not there yet, and commits. */
  makeIndexes(): Promise<void>;
  /**
   * Puts the rows in the place of those that are served, in one transaction: a checkpoint that is ahead of them
   * is reached first by `catchUp`, in that transaction. From then on workers go on with these rows.
   * @returns the position that the rows are served at
   */
  serve(catchUp: (to: bigint) => Promise<Iterable<InvalidationKey>>): Promise<bigint>;
  /** Ends the session; what was not committed is undone. */
  close(): Promise<void>;
}
