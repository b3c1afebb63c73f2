const works: (() => Promise<void>)[] = [];

/** Has something done after the last test, for what the whole run shares. */
export const atRunsEnd = (work: () => Promise<void>): void => {
  works.push(work);
};

/** Does what is to be done after the last test. */
export const endRun = async (): Promise<void> => {
  for (const work of works.splice(0)) await work();
};
