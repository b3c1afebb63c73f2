import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openEngine } from '../../composition/worker.js';
import type { ThreadData } from '../../thread.js';

/** The thread of `startProjectionThread`: projects until told to stop. */
const { logLevel, ...place } = workerData as ThreadData;
const logger = pino({ level: logLevel }, pino.destination({ fd: 2, sync: true }));
const projecting = await openEngine({ ...place, logger });
projecting.engine.start();
if (parentPort) await once(parentPort, 'message');
await projecting.close();
parentPort?.close();
