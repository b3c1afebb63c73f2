import type { ProjectionTransaction } from '../../ports/projection.js';
import { keyColumns, keyOf, writeRows, type TableShape } from './tableStatements.js';

/** A row as it is in memory; none where there was none, or where it was deleted. */
interface Entry<Row> {
  readonly row: Row | undefined;
  readonly key: Partial<Row>;
  /** Whether the table has it. */
  readonly stored: boolean;
  readonly changed: boolean;
}

/**
 * The rows of one table that a page of events touches: loaded in one statement, changed in memory, written in
 * one statement for each kind of change.
 */
export class TableFold<Row extends object> {
  readonly #shape: TableShape<Row>;
  readonly #entries = new Map<string, Entry<Row>>();

  /** @param loaded those of the rows wanted that exist */
  constructor(shape: TableShape<Row>, loaded: readonly Row[]) {
    this.#shape = shape;
    for (const row of loaded) {
      this.#entries.set(this.#textOf(row), { row, key: row, stored: true, changed: false });
    }
  }

  get(key: Partial<Row>): Row | undefined {
    return this.#entries.get(this.#textOf(key))?.row;
  }

  set(row: Row): void {
    this.#put(row, row);
  }

  delete(key: Partial<Row>): void {
    if (this.get(key)) this.#put(key, undefined);
  }

  /** Writes what changed. */
  async flush(tx: ProjectionTransaction): Promise<void> {
    const changed = [...this.#entries.values()].filter((entry) => entry.changed);
    const written = (stored: boolean) =>
      changed.flatMap((entry) => (entry.stored === stored && entry.row ? [entry.row] : []));
    await writeRows(tx, this.#shape, {
      fresh: written(false),
      changed: written(true),
      deleted: changed
        .filter(({ row, stored }) => stored && !row)
        .map(({ key }) => keyColumns(key, this.#shape.keys)),
    });
  }

  #put(key: Partial<Row>, row: Row | undefined): void {
    const text = this.#textOf(key);
    const stored = this.#entries.get(text)?.stored ?? false;
    this.#entries.set(text, { row, key, stored, changed: true });
  }

  #textOf(key: Partial<Row>): string {
    return keyOf(key, this.#shape.keys);
  }
}
