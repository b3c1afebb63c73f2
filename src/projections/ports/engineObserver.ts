import type { RecordedEvent } from '../../commands/ports/eventStore.js';

/** Some events on their way into one read model. */
export interface ObservedBatch {
  readonly projection: string;
  /** Only those that the read model wants. */
  readonly events: readonly RecordedEvent[];
}

/** Who looks on while the engine works: measures it and traces it, and changes nothing. */
export interface EngineObserver {
  /** Does the work of a batch, until rows and checkpoint are committed; resolves and rejects as the work does. */
  batch<T>(batch: ObservedBatch, work: () => Promise<T>): Promise<T>;
  /** A read model could not go on, and is tried again. */
  failed(projection: string): void;
}

/** Nobody looks on. */
export const unobserved: EngineObserver = {
  batch: (_, work) => work(),
  failed: () => undefined,
};
