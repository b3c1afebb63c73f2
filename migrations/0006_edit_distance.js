/**
 * Made an extension that the search for films needed. It needs none now; databases that were set up before keep it.
 */
export const up = () => Promise.resolve();

/** Migrations go forward only. */
export const down = () => Promise.reject(new Error('migrations go forward only'));
