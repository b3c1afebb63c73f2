import { randomUUID } from 'node:crypto';
import { checkedEventStoreUrl } from '../../src/infra/config/eventStoreUrl.js';
import { openEventStoreDb } from '../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { startDoubleProcess } from '../../test/support/eventstoredb/doubleProcess.js';
import { sampleEvent } from '../log/sampleEvent.js';
import { quiet } from '../measuring/temporaryServer.js';

const AT_ONCE = 4;
const IN_ONE_APPEND = 500;

/** The EventStoreDB that a row is measured on. */
export interface BenchServer {
  readonly connectionString: string;
  /** Of the run's own: on a server that has been there before, nobody else's streams begin so. */
  readonly streamPrefix: string;
  /** What it is, for the output. */
  readonly on: string;
}

/** A connection string without its user, password and options: fit to be shown. */
export const addressOf = (url: string): string =>
  url.replace(/\/\/[^@/?]*@/, '//').replace(/\/?\?.*$/, '');

/**
 * Runs the work on the server of `BENCH_EVENTSTORE_URL`, or else beside a double in a process of its own, so that
 * each has a core.
 * @param costs whether the double takes the time that a server does; where it does not, it is the client that is
 *   measured
 */
export const withEventStoreDb = async <T>(
  costs: 'real' | 'none',
  work: (server: BenchServer) => Promise<T>,
): Promise<T> => {
  const streamPrefix = `bench${randomUUID().replaceAll('-', '')}.`;
  const url = process.env.BENCH_EVENTSTORE_URL;
  if (url !== undefined) {
    const connectionString = checkedEventStoreUrl('BENCH_EVENTSTORE_URL', url);
    return work({ connectionString, streamPrefix, on: addressOf(connectionString) });
  }
  const double = await startDoubleProcess(costs === 'real' ? ['--costs', 'real'] : []);
  const on = `the double, ${costs === 'real' ? 'as slow as a server' : 'as fast as it is'}`;
  try {
    return await work({ connectionString: double.connectionString, streamPrefix, on });
  } finally {
    await double.end();
  }
};

/** Fills a log. @returns the position of its last event */
export const fill = async (
  { connectionString, streamPrefix }: BenchServer,
  events: number,
  report: (progress: string) => void,
): Promise<bigint> => {
  const log = openEventStoreDb({ connectionString, streamPrefix, logger: quiet });
  let left = events;
  let last = 0n;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const amount = Math.min(IN_ONE_APPEND, left);
      left -= amount;
      const { position } = await log.append(
        `viewing-${randomUUID()}`,
        Array.from({ length: amount }, () => sampleEvent()),
        { expectedRevision: 'no-stream' },
      );
      if (position > last) last = position;
      if (left % 100_000 === 0) report(`${events - left} of ${events} events written`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return last;
  } finally {
    await log.close();
  }
};
