import type { ProjectionTransaction } from '../../ports/projection.js';

/** A table by its primary key; columns have the names of the row's properties. */
export interface TableShape<Row extends object> {
  readonly name: string;
  readonly keys: readonly (keyof Row & string)[];
  /** The columns of an SQL array type. */
  readonly arrays: readonly (keyof Row & string)[];
  /** The columns that follow from the key: no sums, and written once. */
  readonly derived: readonly (keyof Row & string)[];
}

/** What is to be written of a table. */
export interface RowChanges<Row extends object> {
  /** Rows that the table surely does not have. */
  readonly fresh: readonly Row[];
  /** Rows that it has, or may have. */
  readonly changed: readonly Row[];
  /** The keys of rows that are to go. */
  readonly deleted: readonly Partial<Row>[];
}

/** Fewer new rows than this are inserted with a prepared statement: a COPY has to be parsed each time. */
const COPY_ROWS = 50;

/** Loads the rows that exist of those with these values in the given columns of the key. */
export const loadRows = async <Row extends object>(
  tx: ProjectionTransaction,
  { name }: TableShape<Row>,
  by: readonly (keyof Row & string)[],
  wanted: readonly Partial<Row>[],
): Promise<readonly Row[]> => {
  if (wanted.length === 0) return [];
  const distinct = new Map(wanted.map((row) => [keyOf(row, by), keyColumns(row, by)]));
  return tx.query<Row>({
    name: `${name}.load.${by.join('.')}`,
    tables: [name],
    // Row by row of the key: PostgreSQL, which cannot tell how few are wanted, would read the whole table.
    text: `select t.* from json_populate_recordset(null::${name}, $1) k
           cross join lateral (
             select * from ${name} o where ${by.map((key) => `o.${key} = k.${key}`).join(' and ')} offset 0
           ) t`,
    values: [JSON.stringify([...distinct.values()])],
  });
};

/** Writes what changed, in a statement for each kind of change. */
export const writeRows = async <Row extends object>(
  tx: ProjectionTransaction,
  shape: TableShape<Row>,
  { fresh, changed, deleted }: RowChanges<Row>,
): Promise<void> => {
  const { name, keys, arrays } = shape;
  const copied = fresh.length >= COPY_ROWS;
  const upserted = copied ? changed : [...changed, ...fresh];
  // First what goes: a key may be freed for a row that comes.
  if (deleted.length > 0) {
    await tx.query({
      name: `${name}.delete`,
      tables: [name],
      text: `delete from ${name} t using json_populate_recordset(null::${name}, $1) k
             where ${keys.map((key) => `t.${key} = k.${key}`).join(' and ')}`,
      values: [JSON.stringify(deleted)],
    });
  }
  await upsertRows(tx, shape, upserted);
  const [first] = fresh;
  if (copied && first) await tx.copy(name, columnsOf(first), fresh, arrays);
};

/**
 * In an order of their own, whatever that of the row's properties: one made by an event and one that was loaded
 * are written by the same prepared statement.
 */
const columnsOf = (row: object): readonly string[] => Object.keys(row).sort();

/** Inserts rows, or replaces those with the same key, in one statement. */
const upsertRows = async <Row extends object>(
  tx: ProjectionTransaction,
  { name, keys }: TableShape<Row>,
  rows: readonly Row[],
): Promise<void> => {
  const [first] = rows;
  if (!first) return;
  const columns = columnsOf(first);
  const values = columns.filter((column) => !(keys as readonly string[]).includes(column));
  await tx.query({
    name: `${name}.upsert`,
    tables: [name],
    text: `insert into ${name} (${columns.join(', ')})
           select ${columns.join(', ')} from json_populate_recordset(null::${name}, $1)
           on conflict (${keys.join(', ')}) do ${
             values.length === 0
               ? 'nothing'
               : `update set ${values.map((column) => `${column} = excluded.${column}`).join(', ')}`
           }`,
    values: [JSON.stringify(rows)],
  });
};

/** Adds amounts to rows in one statement; see `Table.add`. */
export const addRows = async <Row extends object>(
  tx: ProjectionTransaction,
  { name, keys, derived }: TableShape<Row>,
  rows: readonly Row[],
  empty?: keyof Row & string,
): Promise<void> => {
  const [first] = rows;
  if (!first) return;
  const columns = columnsOf(first);
  const sums = columns.filter((column) => ![...keys, ...derived].some((one) => one === column));
  await tx.query({
    name: `${name}.add`,
    tables: [name],
    text: `insert into ${name} as t (${columns.join(', ')})
           select ${columns.join(', ')} from json_populate_recordset(null::${name}, $1)
           on conflict (${keys.join(', ')}) do update
             set ${sums.map((column) => `${column} = t.${column} + excluded.${column}`).join(', ')}`,
    values: [JSON.stringify(rows)],
  });
  if (empty === undefined) return;
  // Only what was taken from can have become empty.
  const lessened = rows.filter((row) => Number(row[empty]) < 0);
  if (lessened.length === 0) return;
  await tx.query({
    name: `${name}.drop_empty`,
    tables: [name],
    text: `delete from ${name} t using json_populate_recordset(null::${name}, $1) k
           where ${keys.map((key) => `t.${key} = k.${key}`).join(' and ')} and t.${empty} = 0`,
    values: [JSON.stringify(lessened.map((row) => keyColumns(row, keys)))],
  });
};

/** The columns of a row's key alone. */
export const keyColumns = <Row extends object>(
  row: Partial<Row>,
  keys: readonly (keyof Row & string)[],
): Partial<Row> => {
  const key: Partial<Row> = {};
  for (const column of keys) {
    const value = row[column];
    if (value !== undefined) key[column] = value;
  }
  return key;
};

/** The values of a row's key as one text. */
export const keyOf = <Row extends object>(
  row: Partial<Row>,
  keys: readonly (keyof Row & string)[],
): string => keys.map((key) => String(row[key])).join('\n');
