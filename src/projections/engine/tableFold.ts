import type { ProjectionTransaction } from '../ports/projection.js';

/** Fewer new rows than this are inserted with a prepared statement: a COPY has to be parsed each time. */
const COPY_ROWS = 50;

/**
 * The rows of one table that a page of events touches: loaded in one statement, changed in memory, written in
 * one statement. Columns have the names of the row's properties.
 */
export class TableFold<Row extends object> {
  readonly #table: string;
  readonly #keys: readonly (keyof Row & string)[];
  readonly #keyOf: (row: Partial<Row>) => string;
  readonly #rows = new Map<string, Row>();
  readonly #changed = new Map<string, Row>();
  readonly #deleted = new Map<string, Partial<Row>>();
  /** The keys of rows that the table has, where new ones are to be told apart. */
  readonly #stored: Set<string> | undefined;

  private constructor(table: string, keys: readonly (keyof Row & string)[], copyNew: boolean) {
    this.#stored = copyNew ? new Set() : undefined;
    this.#table = table;
    this.#keys = keys;
    this.#keyOf = keyBy(keys);
  }

  /**
   * Loads the rows with these keys (those that exist) by the table's primary key. With `copyNew` many new rows
   * are written by COPY: every row that exists must then be loaded or adopted, and no column be an SQL array.
   */
  static async load<Row extends object>(
    tx: ProjectionTransaction,
    table: string,
    keys: readonly (keyof Row & string)[],
    wanted: readonly Partial<Row>[],
    { copyNew = false }: { readonly copyNew?: boolean } = {},
  ): Promise<TableFold<Row>> {
    const fold = new TableFold<Row>(table, keys, copyNew);
    const distinct = new Map(wanted.map((row) => [fold.#keyOf(row), row]));
    if (distinct.size > 0) {
      const rows = await tx.query<Row>({
        name: `${table}.load`,
        text: `select t.* from json_populate_recordset(null::${table}, $1) k
               join ${table} t using (${keys.join(', ')})`,
        values: [JSON.stringify([...distinct.values()])],
      });
      for (const row of rows) fold.adopt(row);
    }
    return fold;
  }

  /** A row that another statement loaded. */
  adopt(row: Row): void {
    const key = this.#keyOf(row);
    this.#rows.set(key, row);
    this.#stored?.add(key);
  }

  get(key: Partial<Row>): Row | undefined {
    return this.#rows.get(this.#keyOf(key));
  }

  set(row: Row): void {
    const key = this.#keyOf(row);
    this.#rows.set(key, row);
    this.#changed.set(key, row);
    this.#deleted.delete(key);
  }

  delete(row: Partial<Row>): void {
    const key = this.#keyOf(row);
    if (!this.#rows.delete(key)) return;
    this.#changed.delete(key);
    this.#deleted.set(
      key,
      Object.fromEntries(this.#keys.map((column) => [column, row[column]])) as Partial<Row>,
    );
  }

  /** Writes what changed. */
  async flush(tx: ProjectionTransaction): Promise<void> {
    await upsertRows(tx, this.#table, this.#keys, await this.#copyNew(tx));
    if (this.#deleted.size > 0) {
      await tx.query({
        name: `${this.#table}.delete`,
        text: `delete from ${this.#table} t using json_populate_recordset(null::${this.#table}, $1) k
               where ${this.#keys.map((key) => `t.${key} = k.${key}`).join(' and ')}`,
        values: [JSON.stringify([...this.#deleted.values()])],
      });
    }
    this.#changed.clear();
    this.#deleted.clear();
  }

  /** @returns the changed rows that are still to be written. */
  async #copyNew(tx: ProjectionTransaction): Promise<readonly Row[]> {
    const stored = this.#stored;
    const fresh = stored ? [...this.#changed].filter(([key]) => !stored.has(key)) : [];
    const [first] = fresh;
    if (!stored || !first || fresh.length < COPY_ROWS) return [...this.#changed.values()];
    await tx.copy(
      this.#table,
      Object.keys(first[1]),
      fresh.map(([, row]) => row),
    );
    const others = [...this.#changed].filter(([key]) => stored.has(key)).map(([, row]) => row);
    for (const [key] of fresh) stored.add(key);
    return others;
  }
}

/** The key of a row as text: the hottest line of a replay, so that the usual numbers of columns are spelt out. */
const keyBy = <Row extends object>(
  keys: readonly (keyof Row & string)[],
): ((row: Partial<Row>) => string) => {
  const [first, second, third] = keys;
  if (first === undefined || keys.length > 3) {
    throw new Error(`a table's key has 1 to 3 columns, not ${keys.length}`);
  }
  if (second === undefined) return (row) => String(row[first]);
  if (third === undefined) return (row) => `${String(row[first])}\n${String(row[second])}`;
  return (row) => `${String(row[first])}\n${String(row[second])}\n${String(row[third])}`;
};

/**
 * In an order of their own, whatever that of the row's properties: one made by an event and one that was loaded
 * are written by the same prepared statement.
 */
const columnsOf = (row: object): readonly string[] => Object.keys(row).sort();

/** Inserts rows, or replaces those with the same key, in one statement. */
const upsertRows = async <Row extends object>(
  tx: ProjectionTransaction,
  table: string,
  keys: readonly (keyof Row & string)[],
  rows: readonly Row[],
): Promise<void> => {
  const [first] = rows;
  if (!first) return;
  const columns = columnsOf(first);
  const values = columns.filter((column) => !(keys as readonly string[]).includes(column));
  await tx.query({
    name: `${table}.upsert`,
    text: `insert into ${table} (${columns.join(', ')})
           select ${columns.join(', ')} from json_populate_recordset(null::${table}, $1)
           on conflict (${keys.join(', ')}) do ${
             values.length === 0
               ? 'nothing'
               : `update set ${values.map((column) => `${column} = excluded.${column}`).join(', ')}`
           }`,
    values: [JSON.stringify(rows)],
  });
};

/**
 * Adds amounts to rows, making those that are missing. Where `empty` names a column, rows in which it has come
 * down to nothing are deleted.
 */
export const addToRows = async <Row extends object>(
  tx: ProjectionTransaction,
  table: string,
  keys: readonly (keyof Row & string)[],
  rows: readonly Row[],
  empty?: keyof Row & string,
): Promise<void> => {
  const [first] = rows;
  if (!first) return;
  const columns = columnsOf(first);
  const sums = columns.filter((column) => !(keys as readonly string[]).includes(column));
  await tx.query({
    name: `${table}.add`,
    text: `insert into ${table} as t (${columns.join(', ')})
           select ${columns.join(', ')} from json_populate_recordset(null::${table}, $1)
           on conflict (${keys.join(', ')}) do update
             set ${sums.map((column) => `${column} = t.${column} + excluded.${column}`).join(', ')}`,
    values: [JSON.stringify(rows)],
  });
  if (empty === undefined) return;
  // Only what was taken from can have become empty.
  const lessened = rows.filter((row) => Number(row[empty]) < 0);
  if (lessened.length === 0) return;
  await tx.query({
    name: `${table}.drop_empty`,
    text: `delete from ${table} t using json_populate_recordset(null::${table}, $1) k
           where ${keys.map((key) => `t.${key} = k.${key}`).join(' and ')} and t.${empty} = 0`,
    values: [JSON.stringify(lessened.map((row) => pickKeys(row, keys)))],
  });
};

const pickKeys = <Row extends object>(row: Row, keys: readonly (keyof Row & string)[]): object =>
  Object.fromEntries(keys.map((key) => [key, row[key]]));
