import { stoppedWaiting } from '../ports/eventStore.js';
import { unlessStopped } from '../ports/waiting.js';

/**
 * Runs work of one name one after the other, in the order in which it was handed in, and of different names at
 * once. Whoever stops waiting for their turn is let go; what has begun is not broken off.
 * @throws {EventStoreError} `aborted` or `timeout`, by the signal
 */
export type Serialise = <T>(
  name: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

export const createSerialiser = (): Serialise => {
  /** Of each name, the end of the last that was handed in. */
  const last = new Map<string, Promise<unknown>>();

  return (name, work, signal) => {
    const before = last.get(name);
    // Nobody is ahead: begun at once, so that what it reads goes out with what its caller reads.
    const result = before ? before.then(() => whenWanted(work, signal)) : whenWanted(work, signal);
    const end = result
      .catch(() => undefined)
      .then(() => {
        if (last.get(name) === end) last.delete(name);
      });
    last.set(name, end);
    return before && signal ? unlessStopped(result, signal) : result;
  };
};

const whenWanted = async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  if (signal?.aborted) throw stoppedWaiting(signal);
  return work();
};
