import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openShareWorker } from '../besideTheService.js';
import { threadStepsBack } from '../postgres/stepBack.js';
import type { ShareThreadData, ToldOfShares } from './shareThread.js';

/** The thread of `shareThreads`: works on shares until they are done, or it is told to stop. */
const { work, ...place } = workerData as ShareThreadData;
const logger = pino({ level: place.logLevel }, pino.destination({ fd: 2, sync: true }));
// As the builder's thread does.
threadStepsBack();

const opened = await openShareWorker({ ...place, logger });
try {
  const worker = opened.start(work, (word) => parentPort?.postMessage(word));
  // What was said before is heard now.
  parentPort?.on('message', (told: ToldOfShares) => {
    if (told === 'stop') worker.stop();
    else if ('letGo' in told) worker.letGo(told.letGo);
    else worker.pace(told.pace);
  });
  await worker.ended;
} finally {
  await opened.close();
  parentPort?.close();
}
