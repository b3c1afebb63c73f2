import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../postgres/database.js';

/** Where the keys of people's personal text are kept. */
export interface PersonalKeys {
  /** A person's key, made at need; `undefined` once it was destroyed. */
  keyFor(userId: string): Promise<Buffer | undefined>;
  /** The keys of many people at once; those destroyed or never made are absent. */
  keysOf(userIds: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /** Erases a person's text from the history. Other processes forget the key within a minute. */
  destroy(userId: string): Promise<void>;
}

const KEY_BYTES = 32;
const CACHED_KEYS = 10_000;
/** How long another process may still read text whose key was destroyed. */
const CACHED_MS = 60_000;

export const createPersonalKeys = (database: Database): PersonalKeys => {
  const cache = new LRUCache<string, Buffer>({ max: CACHED_KEYS, ttl: CACHED_MS });
  /** Whose keys this process destroyed: an answer that was under way then still has them. */
  const destroyed = new Set<string>();

  const load = async (userIds: readonly string[]): Promise<ReadonlyMap<string, Buffer>> => {
    const loaded = new Map<string, Buffer>();
    const rows = await database.query<{ user_id: string; key: Buffer | null }>({
      name: 'personal_keys.load',
      text: 'select user_id, key from personal_keys where user_id = any($1::uuid[])',
      values: [userIds],
    });
    for (const { user_id, key } of rows) {
      if (!key || destroyed.has(user_id)) continue;
      cache.set(user_id, key);
      loaded.set(user_id, key);
    }
    return loaded;
  };

  return {
    keyFor: async (userId) => {
      const cached = cache.get(userId);
      if (cached) return cached;
      // Insert first: of two processes that make a key at once, both read the one that won.
      await database.query({
        name: 'personal_keys.make',
        text: 'insert into personal_keys (user_id, key) values ($1, $2) on conflict do nothing',
        values: [userId, randomBytes(KEY_BYTES)],
      });
      return (await load([userId])).get(userId);
    },
    keysOf: async (userIds) => {
      // What is not found counts as destroyed. So nothing is looked up twice: the cache may forget it meanwhile.
      const found = new Map<string, Buffer>();
      const unknown: string[] = [];
      for (const userId of userIds) {
        const key = cache.get(userId);
        if (key) found.set(userId, key);
        else unknown.push(userId);
      }
      if (unknown.length > 0) {
        for (const [userId, key] of await load(unknown)) found.set(userId, key);
      }
      return found;
    },
    destroy: async (userId) => {
      await database.query({
        text: `insert into personal_keys (user_id, destroyed_at) values ($1, now())
               on conflict (user_id) do update set key = null, destroyed_at = now()`,
        values: [userId],
      });
      destroyed.add(userId);
      cache.delete(userId);
    },
  };
};
