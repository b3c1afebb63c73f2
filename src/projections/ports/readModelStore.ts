import type { InvalidationKey, Projection, ProjectionTransaction } from './projection.js';

/** Where a read model stands in the log. */
export interface Checkpoint {
  readonly name: string;
  readonly version: number;
  /** The last position whose events are in the rows. */
  readonly position: bigint;
  /** Raised by every reset and by every worker that begins: those before it cannot write any more. */
  readonly generation: number;
  /** Where the rows are: one schema before a rebuild, another after it. */
  readonly schema: string;
}

/** Why a read model does not go on. */
export interface ProjectionFailure {
  readonly error: string;
  readonly attempts: number;
}

/** What any process can see of a read model. */
export interface StoredCheckpoint extends Checkpoint {
  /** When it moved last. */
  readonly updatedAt: Date;
  /** Of the last attempt to go on from here, if it failed. */
  readonly failure?: ProjectionFailure;
  /** A worker, in whatever process, has the lease. */
  readonly led: boolean;
}

/** The right to write one read model, held by one worker in all processes. */
export interface Lease {
  /** Aborts when the right is lost: the session that held it ended. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Another worker wrote, or the read model was reset: what was computed from the old checkpoint is void. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/** The rows are of another version than the code: they are served until a rebuild takes their place. */
export class OutdatedRows extends Error {
  override readonly name = 'OutdatedRows';
  readonly served: Checkpoint;

  constructor(served: Checkpoint, version: number) {
    super(`the rows of ${served.name} are of version ${served.version}, the code is of ${version}`);
    this.served = served;
  }
}

/** Keeps read models: their schemas, rows and checkpoints. */
export interface ReadModelStore {
  /** Takes the lease of a read model, or `undefined` when another worker has it. */
  tryAcquire(name: string): Promise<Lease | undefined>;
  /**
   * The checkpoint, which is this worker's from now on. The schema is made where there is none, and made anew
   * where the rows are of another log. One that was not made here is never dropped.
   * @throws {OutdatedRows}
   */
  prepare(projection: Projection): Promise<Checkpoint>;
  /**
   * Runs `work` and moves the checkpoint in one transaction, and notifies every process of the keys. `leftOut` tells
   * which events the rows have not, on purpose: the ids of those that are parked or discarded.
   * @throws {CheckpointMoved} when the stored checkpoint is not `from`; nothing is written
   */
  advance(
    from: Checkpoint,
    to: bigint,
    work: (
      tx: ProjectionTransaction,
      leftOut: () => Promise<{ has(id: string): boolean }>,
    ) => Promise<Iterable<InvalidationKey>>,
  ): Promise<Checkpoint>;
  /** Lets other processes know; forgotten when the checkpoint moves. */
  reportFailure(name: string, failure: ProjectionFailure): Promise<void>;
  checkpoints(): Promise<readonly StoredCheckpoint[]>;
}
