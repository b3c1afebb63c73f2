import { failure } from './storeErrors.js';

/**
 * Stops *waiting* at the signal, whatever its reason; without one each round trip has its limit. An append that
 * was handed over may still be committed: trying again with the same event ids is safe, and finds out.
 */
export const within = async <T>(start: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  if (!signal) return start();
  if (signal.aborted) throw stoppedBy(signal);
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      reject(stoppedBy(signal));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([start(), stopped]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
};

/** The time limit of `AbortSignal.timeout` is told from a caller that left. */
const stoppedBy = ({ reason }: AbortSignal) =>
  reason instanceof Error && reason.name === 'TimeoutError'
    ? failure({ kind: 'timeout' }, 'no answer within the time allowed', { cause: reason })
    : failure({ kind: 'aborted' }, 'the caller stopped waiting', { cause: reason });
