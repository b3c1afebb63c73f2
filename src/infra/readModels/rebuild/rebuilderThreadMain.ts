import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openRebuilder } from '../../composition/worker.js';
import { lowerThreadPriority } from '../../postgres/lowerPriority.js';
import type { RebuilderThreadData } from './rebuilderThread.js';

/** The thread of `rebuildInThread`: rebuilds until it has done, or is told to stop. */
const { names, ...place } = workerData as RebuilderThreadData;
const logger = pino({ level: place.logLevel }, pino.destination({ fd: 2, sync: true }));
// Whoever is served meanwhile goes first.
lowerThreadPriority();

const told = new AbortController();
parentPort?.once('message', () => {
  told.abort();
});
const rebuilding = await openRebuilder({ ...place, logger });
try {
  await rebuilding.rebuilder.run({ signal: told.signal, ...(names ? { names } : {}) });
} catch (error) {
  if (!told.signal.aborted) throw error;
} finally {
  await rebuilding.close();
  parentPort?.close();
}
