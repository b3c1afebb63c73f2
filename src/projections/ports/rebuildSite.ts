import type { Rebuild } from './rebuildStore.js';
import type {
  InvalidationKey,
  Projection,
  ProjectionTransaction,
  RowWriter,
} from './projection.js';

/** Where rebuilds are made: beside what is served, each in a schema of its own. */
export interface RebuildSites {
  /**
   * Opens the schema of a rebuild: a new one without its keys and indexes, or one that was begun.
   * The caller closes it.
   */
  open(projection: Projection, rebuild: Rebuild): Promise<RebuildSite>;
}

/** What the rows of a site have of the log. */
export interface SitePlace {
  /** They are true at this position; 0 until they have the past of all owners. */
  readonly checkpoint: bigint;
  /** They have the owners up to this one, each with its past up to a position; absent before and afterwards. */
  readonly owners?: { readonly last: string; readonly until: bigint };
}

/** Where the rows of one read model are made anew. */
export interface RowsSite {
  readonly projection: Projection;
  /** Takes rows, which are sent by and by in the transaction that is open. */
  readonly rows: RowWriter;
  /** Waits until few of them are still to be sent. */
  drain(): Promise<void>;
  /** Runs work in a transaction that stays open for the next, after the rows that were written. */
  inTransaction<T>(work: (tx: ProjectionTransaction) => Promise<T>): Promise<T>;
}

/** Where rows are kept from one commit to the next, on a database session of its own. */
export interface FilledSite extends RowsSite {
  /** What the rows that are committed have. */
  readonly place: SitePlace;
  /** Commits the transaction with what its rows have. */
  commit(place: SitePlace): Promise<void>;
  /** Ends the session; what was not committed is undone. */
  close(): Promise<void>;
}

/** One rebuild in hand. */
export interface RebuildSite extends FilledSite {
  readonly rebuild: Rebuild;
  /** Makes the keys and indexes that are not there yet, and commits. */
  makeIndexes(): Promise<void>;
  /**
   * Puts the rows in the place of those that are served, in one transaction: a checkpoint that is ahead of them
   * is reached first by `catchUp`, in that transaction. From then on workers go on with these rows.
   * @returns the position that the rows are served at
   */
  serve(catchUp: (to: bigint) => Promise<Iterable<InvalidationKey>>): Promise<bigint>;
}
