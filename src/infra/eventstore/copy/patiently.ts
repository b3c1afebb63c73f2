import pRetry from 'p-retry';
import { isEventStoreFailure } from '../../../commands/ports/eventStore.js';

/** With what lies between them, some ten seconds: longer than a cluster takes to elect another leader. */
const RETRIES = 8;
const FIRST_MS = 100;
const LAST_MS = 2_000;

/** Tries again what can be done twice, while the log is away or does not answer. */
export const patiently = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
  pRetry(work, {
    retries: RETRIES,
    minTimeout: FIRST_MS,
    maxTimeout: LAST_MS,
    randomize: true,
    shouldRetry: ({ error }) =>
      isEventStoreFailure(error, 'unavailable') || isEventStoreFailure(error, 'timeout'),
    signal,
  });
