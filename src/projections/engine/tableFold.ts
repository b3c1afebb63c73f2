import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import { Generations } from './generations.js';
import { KeyFilter } from './keyFilter.js';
import {
  keyBy,
  keyColumns,
  loadRows,
  writeRows,
  type RowChanges,
  type TableShape,
} from './tableStatements.js';

/**
 * The rows of one table that a page of events touches: loaded in one statement, changed in memory, written in
 * one statement for each kind of change. A rebuild has one for all pages, which loads what it has not got and
 * writes when there is too much of it.
 */
export class TableFold<Row extends object> implements KeptTable {
  readonly #shape: TableShape<Row>;
  readonly #keyOf: (row: Partial<Row>) => string;
  readonly #rows = new Generations<Row>();
  readonly #changed = new Set<string>();
  readonly #deleted = new Map<string, Partial<Row>>();
  readonly #memory: RowMemory | undefined;
  /** The keys of rows that the table has, or may have. */
  readonly #stored: Pick<KeyFilter, 'add' | 'has'>;

  constructor(shape: TableShape<Row>, memory: RowMemory | undefined) {
    this.#shape = shape;
    this.#keyOf = keyBy(shape.keys);
    this.#memory = memory;
    this.#stored = memory ? new KeyFilter() : new Set();
    memory?.keep(this);
  }

  /** Loads the rows with these keys, those that exist and are not here. */
  async load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<void> {
    const missing = new Map<string, Partial<Row>>();
    for (const row of wanted) {
      const key = this.#keyOf(row);
      if (!this.#rows.has(key) && !this.#deleted.has(key) && this.#mayBeStored(key)) {
        missing.set(key, row);
      }
    }
    const { keys } = this.#shape;
    const rows = await loadRows(
      tx,
      this.#shape,
      keys,
      [...missing.values()].map((row) => keyColumns(row, keys)),
    );
    for (const row of rows) {
      const key = this.#keyOf(row);
      this.#rows.set(key, row);
      this.#stored.add(key);
    }
  }

  get(key: Partial<Row>): Row | undefined {
    return this.#rows.get(this.#keyOf(key));
  }

  set(row: Row): void {
    const key = this.#keyOf(row);
    this.#rows.set(key, row);
    this.#changed.add(key);
    this.#deleted.delete(key);
  }

  /** Adds the amounts of a row to those there; see `Table.add`. */
  add(amounts: Row, empty?: keyof Row & string): void {
    const old = this.get(amounts);
    if (!old) {
      this.set(amounts);
      return;
    }
    const sum = { ...old };
    for (const column of Object.keys(sum) as (keyof Row & string)[]) {
      if (this.#shape.keys.includes(column)) continue;
      Object.assign(sum, { [column]: Number(old[column]) + Number(amounts[column]) });
    }
    if (empty !== undefined && Number(sum[empty]) === 0) this.delete(sum);
    else this.set(sum);
  }

  delete(row: Partial<Row>): void {
    const key = this.#keyOf(row);
    if (!this.#rows.delete(key)) return;
    this.#changed.delete(key);
    if (this.#stored.has(key)) this.#deleted.set(key, keyColumns(row, this.#shape.keys));
  }

  /** Writes what the page changed; in a rebuild rows are written when there are too many. */
  async flush(tx: ProjectionTransaction): Promise<void> {
    if (!this.#memory) await this.#write(tx, this.#changed);
  }

  get size(): number {
    return this.#rows.size;
  }

  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    const cold = this.#rows.oldKeys();
    await this.#write(
      tx,
      which === 'all' ? this.#changed : cold.filter((k) => this.#changed.has(k)),
    );
    this.#rows.age();
  }

  async #write(tx: ProjectionTransaction, keys: Iterable<string>): Promise<void> {
    const fresh: Row[] = [];
    const changed: Row[] = [];
    for (const key of keys) {
      const row = this.#rows.peek(key);
      if (row) (this.#stored.has(key) ? changed : fresh).push(row);
      this.#stored.add(key);
      this.#changed.delete(key);
    }
    const changes: RowChanges<Row> = { fresh, changed, deleted: [...this.#deleted.values()] };
    this.#deleted.clear();
    await writeRows(tx, this.#shape, changes);
  }

  #mayBeStored(key: string): boolean {
    return !this.#memory || this.#memory.resumed || this.#stored.has(key);
  }
}
