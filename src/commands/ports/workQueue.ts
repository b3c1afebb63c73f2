/** Work that waits for its turn: what it is and whose. */
export interface Work {
  readonly kind: 'enrich-movie';
  readonly movieId: string;
}

/**
 * A queue that outlives processes. Work is done at least once; what fails is tried again after longer and longer
 * waits, and set aside in the end.
 */
export interface WorkQueue {
  /** Puts work in the queue; what is in it already, and not begun, is in it once. */
  add(work: readonly Work[]): Promise<void>;
}
