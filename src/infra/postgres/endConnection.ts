import type pg from 'pg';

/** How long the server may take to hear that a connection ends, in milliseconds. */
const GOODBYE_MS = 1_000;

/** Ends a connection. */
export const endConnection = async (client: pg.Client): Promise<void> => {
  const breakOff = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  // Of one that has ended before, this is told at once.
  await client.end().catch(() => undefined);
  clearTimeout(breakOff);
};

/**
 * Waits until a connection that is being ended is gone, and breaks it off where the other end says nothing: it would
 * keep the process alive.
 */
export const untilGone = (client: pg.Client): Promise<void> =>
  new Promise((resolve) => {
    const breakOff = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
    client.once('end', () => {
      clearTimeout(breakOff);
      resolve();
    });
  });
