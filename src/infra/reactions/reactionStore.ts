import type { ReactionStore } from '../../commands/ports/reactions.js';
import type { Database } from '../postgres/database.js';
import { LockSession } from '../postgres/lockSession.js';

/** The advisory locks of those who run reactions, apart from others in the database. */
const LOCK_SPACE = 72_372;

/** Checkpoints of reactions in PostgreSQL; an advisory lock makes one process the one that runs them. */
export const createReactionStore = (database: Database): ReactionStore => {
  const locks = new LockSession(database);
  return {
    tryAcquire: (name) => locks.tryLock({ space: LOCK_SPACE, name }),
    position: async ({ name, version }, log) => {
      const [row] = await database.query<{ position: bigint }>({
        text: `select position from reactions.checkpoints
               where name = $1 and version = $2 and log = $3`,
        values: [name, version, log],
      });
      return row?.position;
    },
    moveTo: async ({ name, version }, log, position) => {
      await database.query({
        name: 'reactions.move',
        text: `insert into reactions.checkpoints (name, version, log, position)
               values ($1, $2, $3, $4)
               on conflict (name) do update
                 set version = excluded.version, log = excluded.log,
                     position = excluded.position, updated_at = now()`,
        values: [name, version, log, position],
      });
    },
    close: () => locks.close(),
  };
};
