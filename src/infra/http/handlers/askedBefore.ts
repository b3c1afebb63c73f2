import { LRUCache } from 'lru-cache';
import type { Permission } from '../../../domain/account/permissions.js';
import type { Question } from '../../../queries/queries.js';

/** What an address asks. */
export interface Asked {
  readonly question: Question;
  readonly requires: Permission;
  /** The route that it met. */
  readonly route: string | undefined;
}

/** What addresses ask, found out once: routed, its parameters checked. */
export interface AskedBefore {
  /** @param url the address as it was sent, query string included */
  remember(url: string, asked: Asked): void;
  recall(url: string): Asked | undefined;
}

const ADDRESSES = 10_000;
/** Longer ones are not worth the room. */
const LONGEST = 500;

export const createAskedBefore = (): AskedBefore => {
  const all = new LRUCache<string, Asked>({ max: ADDRESSES });
  return {
    remember: (url, asked) => {
      if (url.length <= LONGEST && !all.has(url)) all.set(url, asked);
    },
    recall: (url) => all.get(url),
  };
};
