import { stoppedWaiting } from '../../commands/ports/eventStore.js';
import { unlessStopped } from '../../commands/ports/waiting.js';

/**
 * Stops *waiting* at the signal, whatever its reason; without one each round trip has its limit. An append that
 * was handed over may still be committed: trying again with the same event ids is safe, and finds out.
 */
export const within = async <T>(start: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  if (!signal) return start();
  if (signal.aborted) throw stoppedWaiting(signal);
  return unlessStopped(start(), signal);
};
