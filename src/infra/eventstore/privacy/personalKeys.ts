import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Connection, Database } from '../../postgres/database.js';

/** A key that encrypts the personal text of one person. */
export interface PersonalKey {
  readonly id: string;
  readonly key: Buffer;
  readonly createdAt: Date;
}

/** The keys of one person, oldest first. An erased person has none, and never gets one again. */
export type KeysOfPerson = readonly [PersonalKey, ...PersonalKey[]] | 'erased';

/** The keys by user id. People are absent whose keys this database does not know. */
export type PeoplesKeys = ReadonlyMap<string, KeysOfPerson>;

/** Where the keys of people's personal text are kept. */
export interface PersonalKeys {
  /** The keys of many people at once. */
  keysOf(userIds: readonly string[]): Promise<PeoplesKeys>;
  /** Makes a key for a person of whom none is known; returns what is there in the end. */
  make(userId: string): Promise<KeysOfPerson>;
  /** Erases a person's text from the history. Other processes forget the keys within a minute. */
  destroy(userId: string): Promise<void>;
}

const KEY_BYTES = 32;
const CACHED_PEOPLE = 10_000;
/** How long another process may still read text whose key was destroyed. */
const CACHED_MS = 60_000;
/** The advisory locks under which a person's first key is made. */
const LOCK_SPACE = 72_373;

export const createPersonalKeys = (database: Database): PersonalKeys => {
  const cache = new LRUCache<string, KeysOfPerson>({ max: CACHED_PEOPLE, ttl: CACHED_MS });
  /** Whose keys this process destroyed: an answer that was under way then still has them. */
  const destroyed = new Set<string>();

  const load = async (userIds: readonly string[]): Promise<PeoplesKeys> => {
    const rows = await database.query<KeyRow>({
      name: 'personal_keys.load',
      text: `select id, user_id, key, created_at from personal_keys where user_id = any($1::uuid[])
             order by created_at, id`,
      values: [userIds],
    });
    const loaded = keysByPerson(rows);
    for (const [userId, keys] of loaded) {
      if (destroyed.has(userId)) loaded.set(userId, 'erased');
      else if (keys !== 'erased') cache.set(userId, keys);
    }
    return loaded;
  };

  return {
    keysOf: async (userIds) => {
      // Nothing is looked up twice: the cache may forget it meanwhile.
      const found = new Map<string, KeysOfPerson>();
      const unknown: string[] = [];
      for (const userId of userIds) {
        const keys = cache.get(userId);
        if (keys) found.set(userId, keys);
        else unknown.push(userId);
      }
      if (unknown.length > 0) {
        for (const [userId, keys] of await load(unknown)) found.set(userId, keys);
      }
      return found;
    },
    make: async (userId) => {
      await database.transaction(async (tx) => {
        await lock(tx, userId);
        await tx.query({
          text: `insert into personal_keys (user_id, key)
                 select $1, $2 where not exists (select from personal_keys where user_id = $1)`,
          values: [userId, randomBytes(KEY_BYTES)],
        });
      });
      const keys = (await load([userId])).get(userId);
      if (!keys) throw new Error('the key of a person was not made');
      return keys;
    },
    destroy: async (userId) => {
      await database.transaction(async (tx) => {
        await lock(tx, userId);
        await tx.query({
          text: `update personal_keys set key = null, destroyed_at = now()
                 where user_id = $1 and key is not null`,
          values: [userId],
        });
        // So that no key is made later.
        await tx.query({
          text: `insert into personal_keys (user_id, destroyed_at)
                 select $1, now() where not exists (select from personal_keys where user_id = $1)`,
          values: [userId],
        });
      });
      destroyed.add(userId);
      cache.delete(userId);
    },
  };
};

interface KeyRow {
  readonly id: string;
  readonly user_id: string;
  readonly key: Buffer | null;
  readonly created_at: Date;
}

const keysByPerson = (rows: readonly KeyRow[]): Map<string, KeysOfPerson> => {
  const people = new Map<string, KeysOfPerson>();
  for (const { id, user_id: userId, key, created_at: createdAt } of rows) {
    const before = people.get(userId);
    if (key === null || before === 'erased') people.set(userId, 'erased');
    else
      people.set(userId, before ? [...before, { id, key, createdAt }] : [{ id, key, createdAt }]);
  }
  return people;
};

/** Of two processes that make or destroy a person's keys at once, the second sees what the first did. */
const lock = async (tx: Connection, userId: string): Promise<void> => {
  await tx.query({
    text: 'select pg_advisory_xact_lock($1, hashtext($2))',
    values: [LOCK_SPACE, userId],
  });
};
