import type { ProjectionTransaction, RowMemory } from '../ports/projection.js';
import { wantedOf } from '../ports/wantedRows.js';
import { GroupFold } from './groupFold.js';
import { TableFold } from './tableFold.js';
import { addRows, type TableShape } from './tableStatements.js';

/** A table of a read model, by its primary key; columns have the names of the row's properties. */
export interface Table<Row extends object> {
  /** The rows with these keys, those that exist, loaded in one statement. */
  load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<TableFold<Row>>;
  /**
   * Adds amounts to rows, making those that are missing: every column that is not of the key is a sum. Amounts that
   * are all zero make no row. Where `empty` names a column, rows in which it has come down to nothing are deleted.
   */
  add(tx: ProjectionTransaction, rows: readonly Row[], empty?: NumberColumn<Row>): Promise<void>;
}

/** A table whose rows are wanted by the first columns of their key: all of them or none. */
export interface GroupedTable<Row extends object> {
  /** The rows of these groups, loaded in one statement. */
  load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<GroupFold<Row>>;
}

type Column<Row> = keyof Row & string;
type NumberColumn<Row> = {
  [Name in Column<Row>]: Row[Name] extends number ? Name : never;
}[Column<Row>];

interface TableOptions<Row> {
  /** The columns of an SQL array type; other arrays are kept as JSON. */
  readonly arrays?: readonly Column<Row>[];
}

/** Describes a table of a read model, to load and write its rows a page at a time. */
export const table = <Row extends object>(
  name: string,
  keys: readonly Column<Row>[],
  { arrays = [] }: TableOptions<Row> = {},
): Table<Row> => {
  const shape: TableShape<Row> = { name, keys, arrays };
  const load = loading<Row, TableFold<Row>>((memory) => new TableFold(shape, memory));
  return {
    load,
    add: async (tx, amounts, empty) => {
      const rows = withAmounts(amounts, keys);
      if (!tx.memory) return addRows(tx, shape, rows, empty);
      // No sum depends on another: those that nobody asks for are left out.
      const isWanted = wantedOf(tx.memory.wanted, name);
      const kept = isWanted ? rows.filter(isWanted) : rows;
      const fold = await load(tx, kept);
      for (const row of kept) fold.add(row, empty);
    },
  };
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

/** Describes a table whose rows are loaded and written by the first `groupColumns` columns of their key. */
export const groupedTable = <Row extends object>(
  name: string,
  keys: readonly Column<Row>[],
  groupColumns: number,
): GroupedTable<Row> => {
  const shape: TableShape<Row> = { name, keys, arrays: [] };
  const by = keys.slice(0, groupColumns);
  return { load: loading<Row, GroupFold<Row>>((memory) => new GroupFold(shape, by, memory)) };
};

interface Loadable<Row extends object> {
  load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<void>;
}

/** Loads into a fold of the page's own, or into the one that a rebuild keeps from page to page. */
const loading = <Row extends object, Folded extends Loadable<Row>>(
  make: (memory: RowMemory | undefined) => Folded,
) => {
  /** By the rebuild whose rows they are. */
  const kept = new WeakMap<RowMemory, Folded>();
  return async (tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<Folded> => {
    const { memory } = tx;
    const fold = (memory && kept.get(memory)) ?? make(memory);
    if (memory) kept.set(memory, fold);
    await fold.load(tx, wanted);
    return fold;
  };
};
