/** The advisory locks of those who write read models, apart from others in the database. */
export const LEASE_LOCK_SPACE = 72_365;

/**
 * A condition: some session has the lease of what the SQL expression names; `$1` is `LEASE_LOCK_SPACE`. `pg_locks`
 * shows the two keys of an advisory lock unsigned.
 */
export const isLed = (name: string): string => `exists (
  select from pg_locks l join pg_database d on d.oid = l.database
  where d.datname = current_database() and l.locktype = 'advisory' and l.granted and l.objsubid = 2
    and l.classid = $1 and l.objid::bigint = hashtext(${name})::bigint & 4294967295)`;
