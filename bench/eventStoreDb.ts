import { randomUUID } from 'node:crypto';
import { createEventStoreDbEventStore } from '../src/infra/eventstore/eventstoredb/eventStoreDbEventStore.js';
import { startDoubleProcess } from '../test/support/eventstoredb/doubleProcess.js';
import { sampleEvent } from './sampleEvent.js';
import { quiet } from './temporaryServer.js';

const AT_ONCE = 4;
const IN_ONE_APPEND = 500;

/** Runs the work beside an EventStoreDB double in a process of its own, so that each has a core. */
export const withEventStoreDb = async <T>(
  work: (connectionString: string) => Promise<T>,
): Promise<T> => {
  const double = await startDoubleProcess();
  try {
    return await work(double.connectionString);
  } finally {
    await double.end();
  }
};

/** Fills a log. @returns the position of its last event */
export const fill = async (
  connectionString: string,
  events: number,
  report: (progress: string) => void,
): Promise<bigint> => {
  const store = createEventStoreDbEventStore({
    ...{ connectionString, streamPrefix: '' },
    logger: quiet,
  });
  let left = events;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const amount = Math.min(IN_ONE_APPEND, left);
      left -= amount;
      await store.append(
        `viewing-${randomUUID()}`,
        Array.from({ length: amount }, () => sampleEvent()),
        { expectedRevision: 'no-stream' },
      );
      if (left % 100_000 === 0) report(`${events - left} of ${events} events written`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return await store.headPosition();
  } finally {
    await store.close();
  }
};
