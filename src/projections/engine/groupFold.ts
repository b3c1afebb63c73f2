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

interface Group<Row> {
  rows: readonly Row[];
  /** As the table has them. */
  stored: readonly Row[];
}

/**
 * Like `TableFold` for rows that are wanted in groups: all plays of a title, everything that a person earned.
 * What differs from what was loaded is written. Its size is that of groups: most have a row or two.
 */
export class GroupFold<Row extends object> extends Fold<Group<Row>> {
  readonly #shape: TableShape<Row>;
  readonly #by: readonly (keyof Row & string)[];
  readonly #group: KeyReader<Row>;
  readonly #key: KeyReader<Row>;

  constructor(
    shape: TableShape<Row>,
    by: readonly (keyof Row & string)[],
    memory: RowMemory | undefined,
  ) {
    super(by.length, memory);
    this.#shape = shape;
    this.#by = by;
    this.#group = keyBy(by);
    this.#key = keyBy(shape.keys);
  }

  /** Loads the groups with these keys that are not here. */
  async load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<void> {
    const missing: Partial<Row>[] = [];
    for (const row of wanted) {
      const first = this.#group.first(row);
      const rest = this.#group.rest(row);
      if (this.entries.get(first, rest)) continue;
      this.entries.set(first, rest, { rows: NONE, stored: NONE });
      if (this.mayBeStored(first, rest)) missing.push(keyColumns(row, this.#by));
    }
    const loaded = new Map<Group<Row>, Row[]>();
    for (const row of await loadRows(tx, this.#shape, this.#by, missing)) {
      const entry = this.#entryOf(row);
      if (!entry) continue;
      const rows = loaded.get(entry);
      if (rows) rows.push(row);
      else loaded.set(entry, [row]);
    }
    for (const [entry, rows] of loaded) Object.assign(entry, { rows, stored: rows });
  }

  /** The rows of a group; none when there is no such group. */
  get(group: Partial<Row>): readonly Row[] {
    return this.#entryOf(group)?.rows ?? NONE;
  }

  /** A group that was loaded has these rows from now on; those that are the same objects as before stay as they are. */
  set(group: Partial<Row>, rows: readonly Row[]): void {
    const entry = this.#entryOf(group);
    if (!entry) throw new Error(`a group of ${this.#shape.name} was not loaded`);
    entry.rows = rows;
    this.weigh(rows);
  }

  protected override isChanged({ rows, stored }: Group<Row>): boolean {
    return rows !== stored;
  }

  protected override async write(
    tx: ProjectionTransaction,
    groups: readonly (readonly [RowKey, Group<Row>])[],
  ): Promise<void> {
    const changes: Changes<Row> = { fresh: [], changed: [], deleted: [] };
    for (const [key, group] of groups) {
      const { rows, stored } = group;
      if (stored.length === 0) changes.fresh.push(...rows);
      else this.#compare(group, changes);
      group.stored = rows;
      this.noteWritten(key);
    }
    await writeRows(tx, this.#shape, changes);
  }

  #entryOf(group: Partial<Row>): Group<Row> | undefined {
    return this.entries.get(this.#group.first(group), this.#group.rest(group));
  }

  #compare({ rows, stored }: Group<Row>, { fresh, changed, deleted }: Changes<Row>): void {
    const keyOf = (row: Row) => `${this.#key.first(row)}\n${this.#key.rest(row)}`;
    const before = new Map(stored.map((row) => [keyOf(row), row]));
    for (const row of rows) {
      const key = keyOf(row);
      const old = before.get(key);
      before.delete(key);
      if (!old) fresh.push(row);
      else if (old !== row) changed.push(row);
    }
    for (const row of before.values()) deleted.push(keyColumns(row, this.#shape.keys));
  }
}

const NONE: readonly never[] = [];

interface Changes<Row> {
  readonly fresh: Row[];
  readonly changed: Row[];
  readonly deleted: Partial<Row>[];
}
