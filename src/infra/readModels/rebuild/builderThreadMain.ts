import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openBuilder } from '../../composition/worker.js';
import { lowerThreadPriority } from '../../postgres/lowerPriority.js';
import type { BuilderThreadData } from './builderThread.js';

/** The thread of `buildInThread`: builds until it has done, or is told to stop. */
const { names, ...place } = workerData as BuilderThreadData;
const logger = pino({ level: place.logLevel }, pino.destination({ fd: 2, sync: true }));
// Whoever is served meanwhile goes first.
lowerThreadPriority();

const told = new AbortController();
parentPort?.once('message', () => {
  told.abort();
});
const building = await openBuilder({ ...place, logger });
try {
  await building.builder.run({ signal: told.signal, ...(names ? { names } : {}) });
} catch (error) {
  if (!told.signal.aborted) throw error;
} finally {
  await building.close();
  parentPort?.close();
}
