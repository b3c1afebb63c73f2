/**
 * Does work for each of several, side by side, and waits for all of them, whatever becomes of the others.
 * @throws the signal's reason when it has aborted, or else what the first of those that failed did with
 */
export const parallel = async <T>(
  some: readonly T[],
  signal: AbortSignal,
  work: (one: T) => Promise<void>,
): Promise<void> => {
  const outcomes = await Promise.allSettled(some.map(work));
  signal.throwIfAborted();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
};
