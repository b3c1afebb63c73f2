/**
 * Runs `work` on every item, beginning them in order, with at most so many under way. The first error ends it:
 * nothing more is begun, and it is thrown when what was begun has ended.
 */
export const inParallel = async <Item>(
  items: Iterable<Item>,
  most: number,
  work: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const iterator = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (!failure && !signal.aborted) {
      const next = iterator.next();
      if (next.done === true) return;
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: most }, lane));
  if (failure) throw failure.error;
};
