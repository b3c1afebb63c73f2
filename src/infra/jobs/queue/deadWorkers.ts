import type pg from 'pg';
import type { Queryable } from '../../postgres/database.js';
import { QUEUE_SCHEMA } from './waitingWork.js';

/** The advisory locks of processes that do work of the queue, apart from others in the database. */
const LOCK_SPACE = 72_373;
/** A process that begins with work has its lock by then, in seconds. */
const SURELY_LOCKED_S = 10;

/**
 * Says that the workers of a pool are alive, for as long as this session lives. PostgreSQL ends it with its process, and
 * within a minute where it hears nothing of the machine any more.
 */
export const sayAlive = async (session: pg.ClientBase, workerPool: string): Promise<void> => {
  await session.query(
    `select pg_advisory_lock_shared($1, hashtext($2)), set_config('tcp_keepalives_idle', '15', false),
            set_config('tcp_keepalives_interval', '15', false), set_config('tcp_keepalives_count', '3', false)`,
    [LOCK_SPACE, workerPool],
  );
};

/** The pools of workers that have work in hand and whose process is gone. */
export const deadWorkers = async (database: Queryable): Promise<readonly string[]> => {
  const rows = await database.query<{ pool: string }>({
    text: `select distinct j.locked_by as pool from ${QUEUE_SCHEMA}.jobs j
           where j.locked_at < now() - make_interval(secs => $2) and not exists (
             select from pg_locks l
             where l.locktype = 'advisory' and l.granted and l.objsubid = 2
               and l.database = (select oid from pg_database where datname = current_database())
               and l.classid = $1::int::oid and l.objid = hashtext(j.locked_by)::oid)`,
    values: [LOCK_SPACE, SURELY_LOCKED_S],
  });
  return rows.map(({ pool }) => pool);
};
