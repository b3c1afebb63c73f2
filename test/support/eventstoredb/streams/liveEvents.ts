import { once } from 'node:events';

import type { EventRecord } from '../log/eventRecord.js';
import type { LogPosition } from '../log/readAll.js';

/** What happens in a log while a subscription follows it. */
export type LiveItem =
  | { readonly kind: 'event'; readonly record: EventRecord }
  | { readonly kind: 'checkpoint'; readonly position: LogPosition };

export interface LiveEvents {
  push(item: LiveItem): void;
  /** Ends whoever waits or takes with this error. */
  fail(error: Error): void;
  /** The next item and its number; the numbers have a hole where items were dropped. */
  take(signal: AbortSignal): Promise<LiveItem & { readonly number: number }>;
}

/** `Enumerator.MaxLiveEventBufferCount`. */
const bufferSize = 32;

/**
 * Keeps the last 32 items for a subscription, and drops the oldest when there are more: a slow
 * client costs no memory, and reads from the log what it has missed. `LiveChannelOptions`.
 */
export const createLiveEvents = (): LiveEvents => {
  const items: (LiveItem & { readonly number: number })[] = [];
  const arrivals = new EventTarget();
  let pushed = 0;
  let failure: Error | undefined;

  return {
    push: (item) => {
      items.push({ ...item, number: ++pushed });
      if (items.length > bufferSize) items.shift();
      arrivals.dispatchEvent(new Event('arrival'));
    },
    fail: (error) => {
      failure ??= error;
      arrivals.dispatchEvent(new Event('arrival'));
    },
    take: async (signal) => {
      for (;;) {
        const item = items.shift();
        if (item !== undefined) return item;
        if (failure !== undefined) throw failure;
        await once(arrivals, 'arrival', { signal });
      }
    },
  };
};
