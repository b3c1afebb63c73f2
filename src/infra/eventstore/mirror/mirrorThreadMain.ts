import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openMirroring } from '../../composition/worker.js';
import type { MirrorThreadData } from './mirrorThread.js';

/** The thread of `keepMirrorInThread`: keeps the mirror until it is told to stop. */
const { logLevel, server, ...place } = workerData as MirrorThreadData;
const logger = pino({ level: logLevel }, pino.destination({ fd: 2, sync: true }));

const told = new AbortController();
parentPort?.once('message', () => {
  told.abort();
});
const mirroring = await openMirroring({ ...place, logger });
try {
  await mirroring.keep(server, told.signal);
} finally {
  await mirroring.close();
  parentPort?.close();
}
