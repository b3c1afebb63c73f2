import type { ClientRateLimitInfo, Store } from 'express-rate-limit';
import { LRUCache } from 'lru-cache';

/** More keys at once are a flood of addresses: the ones longest unheard of are forgotten. */
const KEYS = 100_000;

/**
 * Counts in windows that begin with a key's first hit. Unlike the library's own store, what it answers is not
 * changed by later hits: of requests that are counted at once, each must know its own number.
 */
export const createWindowStore = (windowMs: number): Store & { readonly localKeys: true } => {
  const windows = new LRUCache<string, ClientRateLimitInfo>({ max: KEYS, ttl: windowMs });
  const countTo = (key: string, change: number): ClientRateLimitInfo => {
    const known = windows.get(key);
    const resetTime = known?.resetTime ?? new Date(Date.now() + windowMs);
    const counted = { totalHits: Math.max(0, (known?.totalHits ?? 0) + change), resetTime };
    windows.set(key, counted, { ttl: Math.max(1, resetTime.getTime() - Date.now()) });
    return counted;
  };
  return {
    localKeys: true,
    get: (key) => windows.get(key),
    increment: (key) => countTo(key, 1),
    decrement: (key) => {
      countTo(key, -1);
    },
    resetKey: (key) => {
      windows.delete(key);
    },
  };
};
