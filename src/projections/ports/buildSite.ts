import type { Build } from './builds.js';
import type {
  InvalidationKey,
  Projection,
  ProjectionTransaction,
  RowMemory,
} from './projection.js';
import type { Share } from './shares.js';

/** Where rebuilds are made: beside what is served, each in a schema of its own. */
export interface BuildSites {
  /**
   * Opens the schema of a build: a new one without its keys and indexes, or one that was begun.
   * The caller closes it.
   */
  open(projection: Projection, build: Build): Promise<BuildSite>;
  /** The shares of a build beside the builder's own; none of one that is not divided. */
  shares(build: Build): Promise<readonly Share[]>;
  /** Divides a build of which nothing is committed. @returns its shares; none where it cannot be divided */
  divide(
    build: Build,
    into: { readonly of: number; readonly target: bigint },
  ): Promise<readonly Share[]>;
  /** Opens the schema of a share, as that of a build. The caller closes it. */
  openShare(projection: Projection, share: Share): Promise<FilledSite>;
}

/** Where the rows of one read model are made anew. */
export interface RowsSite {
  readonly projection: Projection;
  /** Runs work in a transaction that stays open for the next. */
  inTransaction<T>(work: (tx: ProjectionTransaction) => Promise<T>, memory?: RowMemory): Promise<T>;
}

/** Where rows are kept from one commit to the next, on a database session of its own. */
export interface FilledSite extends RowsSite {
  /** The position of the rows that are committed. */
  readonly checkpoint: bigint;
  /** Whether rows were committed before it was opened. */
  readonly resumed: boolean;
  /** Commits the transaction with the position that the rows are true at. */
  commit(position: bigint): Promise<void>;
  /** Ends the session; what was not committed is undone. */
  close(): Promise<void>;
}

/** One build in hand. */
export interface BuildSite extends FilledSite {
  readonly build: Build;
  /**
   * Takes in the rows of the build's shares, which must all be true at the position, and drops what they were in,
   * in the open transaction: with its commit the build is divided no more.
   */
  join(position: bigint): Promise<void>;
  /** Makes the keys and indexes that are not there yet, and commits. */
  makeIndexes(): Promise<void>;
  /**
   * Puts the rows in the place of those that are served, in one transaction: a checkpoint that is ahead of them
   * is reached first by `catchUp`, in that transaction. From then on workers go on with these rows.
   * @returns the position that the rows are served at
   */
  serve(catchUp: (to: bigint) => Promise<Iterable<InvalidationKey>>): Promise<bigint>;
}
