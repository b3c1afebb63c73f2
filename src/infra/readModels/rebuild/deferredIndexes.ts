import type { Queryable } from '../../postgres/database.js';
import { quoted } from '../live/schemas.js';

/** A key or an index of a read model, as the statement that makes it. */
export interface DeferredIndex {
  readonly table: string;
  readonly name: string;
  /** Primary keys first: rows are found by them. */
  readonly isKey: boolean;
  readonly statement: string;
}

/**
 * Takes the keys and indexes off a schema's tables, so that rows can be written in bulk; PostgreSQL's manual,
 * "Populating a Database": an index is made faster of all rows than row by row.
 * @returns how to make them again
 */
export const deferIndexes = async (
  tx: Queryable,
  schema: string,
): Promise<readonly DeferredIndex[]> => {
  const deferred = await tx.query<DeferredIndex>({
    text: `select t.relname as "table", i.relname as name, c.oid is not null as "isKey",
                  case when c.oid is null then pg_get_indexdef(i.oid)
                       else format('alter table %s add constraint %I %s', t.oid::regclass, c.conname,
                                   pg_get_constraintdef(c.oid)) end as statement
           from pg_index x
           join pg_class i on i.oid = x.indexrelid
           join pg_class t on t.oid = x.indrelid
           join pg_namespace n on n.oid = t.relnamespace
           left join pg_constraint c on c.conindid = i.oid and c.contype in ('p', 'u', 'x')
           where n.nspname = $1
           order by c.oid is null, i.relname`,
    values: [schema],
  });
  for (const { table, name, isKey } of deferred) {
    await tx.query({
      text: isKey
        ? `alter table ${quoted(schema)}.${quoted(table)} drop constraint ${quoted(name)}`
        : `drop index ${quoted(schema)}.${quoted(name)}`,
    });
  }
  return deferred;
};

/** Those that are not there. */
export const missingIndexes = async (
  tx: Queryable,
  schema: string,
  deferred: readonly DeferredIndex[],
): Promise<readonly DeferredIndex[]> => {
  const rows = await tx.query<{ name: string }>({
    text: `select i.relname as name from pg_index x
           join pg_class i on i.oid = x.indexrelid join pg_namespace n on n.oid = i.relnamespace
           where n.nspname = $1 and x.indisvalid`,
    values: [schema],
  });
  const there = new Set(rows.map(({ name }) => name));
  return deferred.filter(({ name }) => !there.has(name));
};
