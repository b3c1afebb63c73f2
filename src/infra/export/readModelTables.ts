import type { Database, Queryable } from '../postgres/database.js';
import { quotedName, type Column, type Table } from './table.js';

/** A table of a read model, where it is now. */
export interface ReadModelTable extends Table {
  readonly readModel: string;
  /** Its name in PostgreSQL, quoted: the schema is another after each rebuild. */
  readonly from: string;
  /** Its rows are true at this position of the log. */
  readonly position: bigint;
}

interface ColumnRow {
  readonly model: string;
  readonly position: bigint;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

const plainTypes: Readonly<Record<string, string>> = {
  uuid: 'UUID',
  smallint: 'SMALLINT',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  real: 'FLOAT',
  'double precision': 'DOUBLE',
  numeric: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  json: 'JSON',
  jsonb: 'JSON',
};

/** PostgreSQL's name of a type as DuckDB's; what DuckDB has no like of is text. */
export const duckDbType = (type: string): string => {
  if (type.endsWith('[]')) return `${duckDbType(type.slice(0, -2))}[]`;
  const plain = plainTypes[type];
  if (plain !== undefined) return plain;
  if (/^numeric\(\d+,\d+\)$/.test(type)) return type.replace('numeric', 'DECIMAL');
  if (/^timestamp(\(\d\))? with time zone$/.test(type)) return 'TIMESTAMPTZ';
  return /^timestamp(\(\d\))? without time zone$/.test(type) ? 'TIMESTAMP' : 'VARCHAR';
};

/** The tables of every read model that is made, with the types of their columns. */
export const readModelTables = async (
  database: Database | Queryable,
): Promise<readonly ReadModelTable[]> => {
  const rows = await database.query<ColumnRow>({
    text: `select c.name as model, c.position, n.nspname as schema, t.relname as table, a.attname as column,
             format_type(a.atttypid, a.atttypmod) as type
           from projections.checkpoints c
           join pg_namespace n on n.nspname = c.schema
           join pg_class t on t.relnamespace = n.oid and t.relkind = 'r'
           join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
           order by c.name, t.relname, a.attnum`,
  });
  const tables = new Map<string, ReadModelTable & { readonly columns: Column[] }>();
  for (const { model, position, schema, table, column, type } of rows) {
    const name = `${model}.${table}`;
    const known = tables.get(name) ?? {
      ...{ name, readModel: model, position, columns: [] },
      from: `${quotedName(schema)}.${quotedName(table)}`,
    };
    known.columns.push({ name: column, type: duckDbType(type) });
    tables.set(name, known);
  }
  return [...tables.values()];
};
