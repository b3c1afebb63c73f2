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
  /** A worker, in whatever process, has the lead. */
  readonly led: boolean;
}

/** The right to write one read model, held by one worker in all processes. */
export interface Lead {
  /** Aborts when the right is lost: the session that held it ended. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Another worker wrote, or the read model was reset: what was computed from the old checkpoint is void. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/** Keeps read models: their schemas, rows and checkpoints. */
export interface ReadModelStore {
  /** Takes the lead of a read model, or `undefined` when another worker has it. */
  tryLead(name: string): Promise<Lead | undefined>;
  /**
   * The checkpoint, which is this worker's from now on; the schema is made, and made anew when it is of
   * another version. A schema that was not made here is never dropped.
   */
  prepare(projection: Projection): Promise<Checkpoint>;
  /**
   * Runs `work` and moves the checkpoint in one transaction, and notifies every process of the keys.
   * @throws {CheckpointMoved} when the stored checkpoint is not `from`; nothing is written
   */
  advance(
    from: Checkpoint,
    to: bigint,
    work: (tx: ProjectionTransaction) => Promise<Iterable<InvalidationKey>>,
  ): Promise<Checkpoint>;
  /** Empties a read model and puts its checkpoint before the first event; its worker starts over. */
  reset(projection: Projection): Promise<Checkpoint>;
  /** Lets other processes know; forgotten when the checkpoint moves. */
  reportFailure(name: string, failure: ProjectionFailure): Promise<void>;
  checkpoints(): Promise<readonly StoredCheckpoint[]>;
}
