import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import { linkOf } from '../hashChain.js';

/** Follows the hash chains of all streams of a log; keeps a hash for each stream that has one. */
export interface ChainCheck {
  /** What is wrong with the next event of its stream. */
  faultsOf(event: RecordedEvent): readonly string[];
  /** How many events were in a chain. */
  chained(): number;
}

export const createChainCheck = (): ChainCheck => {
  const hashes = new Map<string, string>();
  let chained = 0;
  return {
    faultsOf: (event) => {
      const previous = hashes.get(event.stream);
      const { hash } = event.metadata;
      if (hash === undefined && previous === undefined) return [];
      if (hash !== undefined) chained += 1;
      const due = linkOf(previous, event);
      // What stands there, so that the events behind a wrong one are judged by themselves.
      hashes.set(event.stream, hash ?? due);
      if (hash === undefined) return ['has no hash, in a stream with a hash chain'];
      return hash === due ? [] : ['does not fit the hash chain of its stream'];
    },
    chained: () => chained,
  };
};
