import type { ProjectionTransaction, RowWriter, WrittenTable } from '../../ports/projection.js';
import { TableFold } from './tableFold.js';
import {
  addRows,
  loadRows,
  writeRows,
  type RowChanges,
  type TableShape,
} from './tableStatements.js';

/** A table of a read model, by its primary key; columns have the names of the row's properties. */
export interface Table<Row extends object> extends WrittenTable {
  readonly keys: readonly Column<Row>[];
  /** The columns that follow from the key. */
  readonly derived: readonly Column<Row>[];
  /** The rows with these keys, those that exist, loaded in one statement, to be changed in memory. */
  load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<TableFold<Row>>;
  /** The rows that have these values in some columns of the key, loaded in one statement. */
  select(
    tx: ProjectionTransaction,
    by: readonly Column<Row>[],
    wanted: readonly Partial<Row>[],
  ): Promise<readonly Row[]>;
  /** Writes what changed, in a statement for each kind of change. */
  write(tx: ProjectionTransaction, changes: RowChanges<Row>): Promise<void>;
  /**
   * Adds amounts to rows, making those that are missing: every column that neither is of the key nor follows from it is a
   * sum. Amounts that are all zero make no row. Where `empty` names a column, rows in which it is zero afterwards are deleted.
   */
  add(tx: ProjectionTransaction, rows: readonly Row[], empty?: NumberColumn<Row>): Promise<void>;
}

export type Column<Row> = keyof Row & string;
export type NumberColumn<Row> = {
  [Name in Column<Row>]: Row[Name] extends number ? Name : never;
}[Column<Row>];

/** Describes a table of a read model, to load and write its rows a page at a time. */
export const table = <Row extends object>(
  name: string,
  keys: readonly Column<Row>[],
  {
    arrays = [],
    derived = [],
  }: {
    /** The columns of an SQL array type; other arrays are kept as JSON. */
    readonly arrays?: readonly Column<Row>[];
    /** The columns that follow from the key: `add` writes them with a new row. */
    readonly derived?: readonly Column<Row>[];
  } = {},
): Table<Row> => {
  const shape: TableShape<Row> = { name, keys, arrays, derived };
  return {
    ...shape,
    load: async (tx, wanted) => new TableFold(shape, await loadRows(tx, shape, keys, wanted)),
    select: (tx, by, wanted) => loadRows(tx, shape, by, wanted),
    write: (tx, changes) => writeRows(tx, shape, changes),
    add: (tx, amounts, empty) =>
      addRows(tx, shape, withAmounts(amounts, [...keys, ...derived]), empty),
  };
};

/** Writes sums that are not stored yet; those that are all zero make no row, as with `Table.add`. */
export const writeSums = <Row extends object>(
  rows: RowWriter,
  sums: Table<Row>,
  amounts: readonly Row[],
): void => {
  rows.write(sums, withAmounts(amounts, [...sums.keys, ...sums.derived]));
};

/** The rows that add something. One that does not must not be made: whether it were there would depend on the page. */
const withAmounts = <Row extends object>(
  rows: readonly Row[],
  keys: readonly Column<Row>[],
): readonly Row[] => {
  const [first] = rows;
  if (!first) return rows;
  const sums = Object.keys(first).filter((column): column is Column<Row> => !has(keys, column));
  return rows.filter((row) => sums.some((column) => row[column] !== 0));
};

const has = (keys: readonly string[], column: string): boolean => keys.includes(column);
