/** Waits for the error that a promise must reject with. */
export const rejection = async <E extends Error>(
  work: Promise<unknown>,
  type: abstract new (...parameters: never[]) => E,
): Promise<E> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof type) return error;
    throw error;
  }
  throw new Error(`expected ${type.name}, but it resolved`);
};
