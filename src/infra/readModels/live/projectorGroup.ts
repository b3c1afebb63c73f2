import type { Database } from '../../postgres/database.js';
import type { HeldLock, LockSession } from '../../postgres/lockSession.js';

/** The processes that keep read models up to date, together. */
export interface ProjectorGroup {
  /** Counts this process until the lock is released, or its session ends: whoever dies is not counted any more. */
  joinGroup(): Promise<HeldLock | undefined>;
  /** How many there are. */
  groupSize(): Promise<number>;
}

/** The advisory lock that all of them share. */
const SPACE = 72_370;
const NAME = 'projectors';

export const projectorGroup = (database: Database, locks: LockSession): ProjectorGroup => ({
  joinGroup: () => locks.tryLock({ space: SPACE, name: NAME, shared: true }),
  groupSize: async () => {
    const [row] = await database.query<{ size: number }>({
      name: 'projections.group_size',
      text: `select count(*)::int as size
             from pg_locks l join pg_database d on d.oid = l.database
             where d.datname = current_database() and l.locktype = 'advisory' and l.granted
               and l.objsubid = 2 and l.classid = $1`,
      values: [SPACE],
    });
    return row?.size ?? 0;
  },
});
