import type { Database } from '../../../src/infra/postgres/database.js';
import { projections } from '../../../src/projections/projections.js';

/** The rows of each table of each read model, as text in one order. */
export type ReadModelRows = Readonly<Record<string, readonly string[]>>;

/** Every row of every table of every read model. */
export const readModelRows = async (database: Database): Promise<ReadModelRows> => {
  // Wherever they are by now: the tables are called after the read model.
  const tables = await database.query<{ name: string; place: string }>({
    text: `select format('%I.%I', c.name, t.table_name) as name,
                  format('%I.%I', t.table_schema, t.table_name) as place
           from projections.checkpoints c join information_schema.tables t on t.table_schema = c.schema
           where c.name = any($1) order by 1`,
    values: [projections.map(({ name }) => name)],
  });
  const rows = await database.query<{ name: string; row: string }>({
    text: tables
      .map(
        ({ name, place }) => `select '${name}' as name, to_jsonb(t)::text as row from ${place} t`,
      )
      .join(' union all ')
      .concat(' order by 1, 2'),
  });
  const byTable = new Map<string, string[]>(tables.map(({ name }) => [name, []]));
  for (const { name, row } of rows) byTable.get(name)?.push(row);
  return Object.fromEntries(byTable);
};

/** What each of two has that the other has not, said row by row; empty when they are the same. */
export const differencesOf = (
  [nameOfOne, one]: readonly [string, ReadModelRows],
  [nameOfOther, other]: readonly [string, ReadModelRows],
): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((table) => [
    ...without(one[table], other[table]).map((row) => `${table}, ${nameOfOne} only: ${row}`),
    ...without(other[table], one[table]).map((row) => `${table}, ${nameOfOther} only: ${row}`),
  ]);

/** Rows of the first that the second does not have, or not so often. */
const without = (
  rows: readonly string[] = [],
  others: readonly string[] = [],
): readonly string[] => {
  const left = new Map<string, number>();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
};
