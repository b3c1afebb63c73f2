import type { ProjectionTransaction, RowMemory } from '../ports/projection.js';
import { Fold } from './fold.js';
import type { RowKey } from './generations.js';
import {
  keyBy,
  keyColumns,
  loadRows,
  writeRows,
  type KeyReader,
  type TableShape,
} from './tableStatements.js';

/** A row as it is in memory; none where there was none, or where it was deleted. */
interface Entry<Row> {
  row: Row | undefined;
  /** The key columns of a row that was deleted. */
  gone?: Partial<Row>;
  /** Whether the table has the row, or may have it. */
  stored: boolean;
  changed: boolean;
}

/**
 * The rows of one table that a page of events touches: loaded in one statement, changed in memory, written in
 * one statement for each kind of change. A rebuild has one for all pages, which loads what it has not got and
 * writes when there is too much of it.
 */
export class TableFold<Row extends object> extends Fold<Entry<Row>> {
  readonly #shape: TableShape<Row>;
  readonly #key: KeyReader<Row>;

  constructor(shape: TableShape<Row>, memory: RowMemory | undefined) {
    super(shape.keys.length, memory);
    this.#shape = shape;
    this.#key = keyBy(shape.keys);
  }

  /** Loads the rows with these keys, those that exist and are not here. */
  async load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<void> {
    const missing: Partial<Row>[] = [];
    for (const row of wanted) {
      const first = this.#key.first(row);
      const rest = this.#key.rest(row);
      if (this.entries.get(first, rest)) continue;
      this.entries.set(first, rest, { row: undefined, stored: false, changed: false });
      if (this.mayBeStored(first, rest)) missing.push(keyColumns(row, this.#shape.keys));
    }
    for (const row of await loadRows(tx, this.#shape, this.#shape.keys, missing)) {
      const entry = { row, stored: true, changed: false };
      this.entries.set(this.#key.first(row), this.#key.rest(row), entry);
    }
  }

  get(key: Partial<Row>): Row | undefined {
    return this.#entryOf(key)?.row;
  }

  set(row: Row): void {
    const first = this.#key.first(row);
    const rest = this.#key.rest(row);
    const entry = this.entries.get(first, rest);
    this.weigh(row);
    if (!entry) {
      const stored = this.mayBeStored(first, rest);
      this.entries.set(first, rest, { row, stored, changed: true });
      return;
    }
    entry.row = row;
    entry.changed = true;
  }

  /** Adds the amounts of a row to those there; see `Table.add`. */
  add(amounts: Row, empty?: keyof Row & string): void {
    const entry = this.#entryOf(amounts);
    if (!entry?.row) {
      this.set(amounts);
      return;
    }
    const { keys } = this.#shape;
    const sums: Record<string, number> = {};
    for (const column in amounts) {
      if (!keys.includes(column))
        sums[column] = Number(entry.row[column]) + Number(amounts[column]);
    }
    if (empty !== undefined && sums[empty] === 0) this.#clear(entry, amounts);
    else entry.row = Object.assign({}, entry.row, sums);
    entry.changed = true;
  }

  delete(row: Partial<Row>): void {
    const entry = this.#entryOf(row);
    if (entry?.row) this.#clear(entry, row);
  }

  protected override isChanged({ changed }: Entry<Row>): boolean {
    return changed;
  }

  protected override async write(
    tx: ProjectionTransaction,
    entries: readonly (readonly [RowKey, Entry<Row>])[],
  ): Promise<void> {
    const fresh: Row[] = [];
    const changed: Row[] = [];
    const deleted: Partial<Row>[] = [];
    for (const [key, entry] of entries) {
      const { row, stored } = entry;
      if (row) (stored ? changed : fresh).push(row);
      else if (stored && entry.gone) deleted.push(entry.gone);
      if (row && !stored) this.noteWritten(key);
      entry.changed = false;
      entry.stored = row !== undefined;
    }
    await writeRows(tx, this.#shape, { fresh, changed, deleted });
  }

  #entryOf(row: Partial<Row>): Entry<Row> | undefined {
    return this.entries.get(this.#key.first(row), this.#key.rest(row));
  }

  #clear(entry: Entry<Row>, row: Partial<Row>): void {
    entry.row = undefined;
    entry.gone = keyColumns(row, this.#shape.keys);
    entry.changed = true;
  }
}
