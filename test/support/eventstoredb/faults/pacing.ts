import { setImmediate, setTimeout } from 'node:timers/promises';

import type { Costs } from './costs.js';
import { atOnce, type Replicate } from '../log/commits/replication.js';

/** What a read or a subscription looked at. */
export interface Looked {
  readonly events: readonly unknown[];
  /** How many events were looked at, given or not; as many as were given where absent. */
  readonly considered?: number;
}

/** Keeps reads to the speed of a server; undefined where there is nothing to wait for. */
export interface Pacing {
  /** Before a read begins. */
  readonly begin: () => Promise<void> | undefined;
  /** For one read: after each of its pages. */
  readonly pages: () => (page: Looked) => Promise<void> | undefined;
}

const MILLISECONDS = 1_000;

/** Timers count in whole milliseconds: what is shorter is made up for by the next wait. */
const until = (time: number): Promise<void> | undefined => {
  const milliseconds = Math.round(time - performance.now());
  return milliseconds < 1 ? undefined : setTimeout(milliseconds, undefined, { ref: false });
};

export const createPacing = (costs: Costs): Pacing => {
  let nextRead = 0;
  return {
    begin: () => {
      const begins = Math.max(nextRead, performance.now());
      nextRead = begins + MILLISECONDS / costs.readsPerSecond;
      return until(begins + costs.readMilliseconds);
    },
    pages: () => {
      let nextPage = 0;
      return ({ events, considered = events.length }) => {
        const given = events.length / costs.eventsPerSecond;
        const passedOver = (considered - events.length) / costs.scannedPerSecond;
        nextPage = Math.max(nextPage, performance.now()) + MILLISECONDS * (given + passedOver);
        return until(nextPage);
      };
    },
  };
};

/** Flushes writes to the disk: those that arrive while one flush goes on share the next. */
export const sharedFlush = ({ flushMilliseconds, appendsPerSecond }: Costs): Replicate => {
  if (flushMilliseconds === 0 && appendsPerSecond === Infinity) return atOnce;
  let waiting: (() => void)[] = [];
  let isFlushing = false;
  const flush = async (): Promise<void> => {
    isFlushing = true;
    let free = performance.now();
    // What arrives in the same turn of the event loop arrives together.
    await setImmediate();
    while (waiting.length > 0) {
      const flushed = waiting;
      waiting = [];
      free += flushMilliseconds + (MILLISECONDS * flushed.length) / appendsPerSecond;
      await until(free);
      for (const done of flushed) done();
    }
    isFlushing = false;
  };
  return (flushed) => {
    waiting.push(flushed);
    if (!isFlushing) void flush();
  };
};
