import type { Checkpoint, ReadModelStore } from '../../ports/readModelStore.js';

/**
 * A checkpoint that moved only over events the read model does not want is written this often: bounds how long
 * other processes wait to hear that it has reached a position.
 */
const IDLE_CHECKPOINT_MS = 250;

/** Where a worker is in the log: what is written of it, and what it has seen beyond that. */
export class WorkerPlace {
  readonly #store: Pick<ReadModelStore, 'advance'>;
  #checkpoint: Checkpoint | undefined;
  /** Seen, but not written because nothing in between concerned the read model. */
  #seen = 0n;
  #writtenAt = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  /** What moves the checkpoint goes one after the other: batches, idle writes, the end. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Pick<ReadModelStore, 'advance'>) {
    this.#store = store;
  }

  /** The last position whose events are in the rows, or were of no concern. */
  get seen(): bigint {
    return this.#seen;
  }

  /** Whether there is a checkpoint to move: without one whatever comes is too late. */
  get isHeld(): boolean {
    return this.#checkpoint !== undefined;
  }

  /** Goes on from a checkpoint, which is this worker's. */
  hold(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    this.#seen = checkpoint.position;
  }

  release(): void {
    this.#checkpoint = undefined;
  }

  /** The rows are at this position, and somebody else's. */
  lookOn(position: bigint): void {
    this.#seen = position;
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Writes rows and moves the checkpoint with them; does nothing where none is held. */
  async advance(to: bigint, work: Parameters<ReadModelStore['advance']>[2]): Promise<void> {
    if (!this.#checkpoint) return;
    this.#checkpoint = await this.#store.advance(this.#checkpoint, to, work);
    this.#seen = to;
    this.#writtenAt = performance.now();
  }

  /** Sees events that are of no concern; written now and then, and surely with `flush`. */
  async see(position: bigint): Promise<void> {
    this.#seen = position;
    const wait = this.#writtenAt + IDLE_CHECKPOINT_MS - performance.now();
    if (wait <= 0) {
      await this.flush();
      return;
    }
    this.#idleTimer ??= setTimeout(() => {
      this.#idleTimer = undefined;
      // A checkpoint that has moved, or a database that is away, shows with the next batch.
      this.inTurn(() => this.flush()).catch(() => undefined);
    }, wait);
  }

  /** Writes how far the log was seen, where that is not written yet. */
  async flush(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    if (!this.#checkpoint || this.#checkpoint.position === this.#seen) return;
    // Also where it fails: the next attempt has time.
    this.#writtenAt = performance.now();
    await this.advance(this.#seen, () => Promise.resolve([]));
  }
}
