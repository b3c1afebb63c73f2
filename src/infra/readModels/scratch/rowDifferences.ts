import { RowsNotComparable, type RowDifference } from '../../../projections/ports/verification.js';
import type { Queryable } from '../../postgres/database.js';
import { quoted } from '../live/schemas.js';

/** Fetched at once. */
const ROWS = 200;

/** A table of a read model, with the columns of its primary key in their order. */
export interface KeyedTable {
  readonly name: string;
  readonly key: readonly string[];
}

/** The tables of a schema, by name. */
export const tablesOf = (tx: Queryable, schema: string): Promise<readonly KeyedTable[]> =>
  tx.query<KeyedTable>({
    text: `select c.relname as name,
                  array(select a.attname::text
                        from pg_index i
                        cross join unnest(i.indkey) with ordinality as k (attnum, nth)
                        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                        where i.indrelid = c.oid and i.indisprimary order by k.nth) as key
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = $1 and c.relkind = 'r' order by c.relname`,
    values: [schema],
  });

/** The two schemas that are compared: the one that is served, and the one that was made anew. */
export interface Compared {
  readonly served: string;
  readonly rebuilt: string;
}

/** @throws {RowsNotComparable} the two do not have the same tables, or one has no key */
export const comparableTables = async (
  tx: Queryable,
  { served, rebuilt }: Compared,
): Promise<readonly KeyedTable[]> => {
  const there = await tablesOf(tx, served);
  const tables = await tablesOf(tx, rebuilt);
  const names = (some: readonly KeyedTable[]) => some.map(({ name }) => name).join(', ');
  if (names(there) !== names(tables)) {
    throw new RowsNotComparable(
      `the tables that are served (${names(there)}) are not those of the code (${names(tables)})`,
    );
  }
  const keyless = tables.find(({ key }) => key.length === 0);
  if (keyless) throw new RowsNotComparable(`${keyless.name} has no primary key to compare by`);
  return tables;
};

/**
 * The rows of one table that differ, by key, fetched a few at a time in the transaction that is open. As JSON,
 * because it can be compared whatever the types of the columns.
 */
export async function* rowDifferences(
  tx: Queryable,
  { name, key }: KeyedTable,
  { served, rebuilt }: Compared,
): AsyncGenerator<RowDifference, void> {
  const [first = ''] = key.map(quoted);
  const keyOf = key.map((column) => {
    const id = quoted(column);
    return { id: `coalesce(served.${id}, rebuilt.${id})`, label: `'${column}'` };
  });
  const differing = `
    select case when served.${first} is null then 'missing'
                when rebuilt.${first} is null then 'surplus' else 'differs' end as kind,
           json_build_object(${keyOf.map(({ id, label }) => `${label}, ${id}`).join(', ')}) as key,
           (select coalesce(json_agg(json_build_object(
                     'column', name, 'served', s.value, 'rebuilt', r.value) order by name collate "C"), '[]')
            from jsonb_each(coalesce(to_jsonb(served), '{}')) as s (name, value)
            full join jsonb_each(coalesce(to_jsonb(rebuilt), '{}')) as r (name, value) using (name)
            where s.value is distinct from r.value
              and name not in (${keyOf.map(({ label }) => label).join(', ')})) as columns
    from ${quoted(served)}.${quoted(name)} as served
    full join ${quoted(rebuilt)}.${quoted(name)} as rebuilt using (${key.map(quoted).join(', ')})
    where to_jsonb(served) is distinct from to_jsonb(rebuilt)
    order by ${keyOf.map(({ id }) => id).join(', ')}`;
  await tx.query({ text: `declare differing no scroll cursor for ${differing}` });
  for (;;) {
    const rows = await tx.query<Omit<RowDifference, 'table'>>({
      text: `fetch ${ROWS} from differing`,
    });
    for (const row of rows) yield { table: name, ...row };
    if (rows.length < ROWS) break;
  }
  await tx.query({ text: 'close differing' });
}
