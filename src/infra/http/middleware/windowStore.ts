import type { ClientRateLimitInfo, Store } from 'express-rate-limit';
import { LRUCache } from 'lru-cache';

/** More keys at once are a flood of addresses: the ones longest unheard of are forgotten. */
const KEYS = 100_000;

interface Window {
  readonly hits: number;
  /** By the clock that only goes forward: the other one may be set back, and the window would last until then. */
  readonly ends: number;
}

const told = ({ hits, ends }: Window): ClientRateLimitInfo => ({
  totalHits: hits,
  resetTime: new Date(Date.now() + ends - performance.now()),
});

/**
 * Counts in windows that begin with a key's first hit. Unlike the library's own store, what it answers is not
 * changed by later hits: of requests that are counted at once, each must know its own number.
 */
export const createWindowStore = (windowMs: number): Store & { readonly localKeys: true } => {
  const windows = new LRUCache<string, Window>({ max: KEYS, ttl: windowMs });
  const countTo = (key: string, change: number): ClientRateLimitInfo => {
    const known = windows.get(key);
    const ends = known?.ends ?? performance.now() + windowMs;
    const counted = { hits: Math.max(0, (known?.hits ?? 0) + change), ends };
    windows.set(key, counted, { ttl: Math.max(1, Math.ceil(ends - performance.now())) });
    return told(counted);
  };
  return {
    localKeys: true,
    get: (key) => {
      const known = windows.get(key);
      return known && told(known);
    },
    increment: (key) => countTo(key, 1),
    decrement: (key) => {
      countTo(key, -1);
    },
    resetKey: (key) => {
      windows.delete(key);
    },
  };
};
