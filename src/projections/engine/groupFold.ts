import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import { Generations } from './generations.js';
import { KeyFilter } from './keyFilter.js';
import { keyBy, keyColumns, loadRows, writeRows, type TableShape } from './tableStatements.js';

interface Group<Row> {
  rows: readonly Row[];
  /** As the table has them. */
  stored: readonly Row[];
}

/**
 * Like `TableFold` for rows that are wanted in groups: all plays of a title, everything that a person earned.
 * What differs from what was loaded is written.
 */
export class GroupFold<Row extends object> implements KeptTable {
  readonly #shape: TableShape<Row>;
  readonly #by: readonly (keyof Row & string)[];
  readonly #groupOf: (row: Partial<Row>) => string;
  readonly #keyOf: (row: Partial<Row>) => string;
  readonly #groups = new Generations<Group<Row>>();
  readonly #memory: RowMemory | undefined;
  /** The groups of which the table may have rows that are not here; in a rebuild. */
  readonly #written = new KeyFilter();

  constructor(
    shape: TableShape<Row>,
    by: readonly (keyof Row & string)[],
    memory: RowMemory | undefined,
  ) {
    this.#shape = shape;
    this.#by = by;
    this.#groupOf = keyBy(by);
    this.#keyOf = keyBy(shape.keys);
    this.#memory = memory;
    memory?.keep(this);
  }

  /** Loads the groups with these keys that are not here. */
  async load(tx: ProjectionTransaction, wanted: readonly Partial<Row>[]): Promise<void> {
    const missing: Partial<Row>[] = [];
    for (const row of wanted) {
      const key = this.#groupOf(row);
      if (this.#groups.get(key)) continue;
      this.#groups.set(key, { rows: [], stored: [] });
      if (!this.#memory || this.#memory.resumed || this.#written.has(key)) {
        missing.push(keyColumns(row, this.#by));
      }
    }
    const groups = new Map<string, Row[]>();
    for (const row of await loadRows(tx, this.#shape, this.#by, missing)) {
      const key = this.#groupOf(row);
      const group = groups.get(key);
      if (group) group.push(row);
      else groups.set(key, [row]);
    }
    for (const [key, rows] of groups) this.#groups.set(key, { rows, stored: rows });
  }

  /** The rows of a group; none when there is no such group. */
  get(group: Partial<Row>): readonly Row[] {
    return this.#groups.get(this.#groupOf(group))?.rows ?? NONE;
  }

  /** A group that was loaded has these rows from now on; those that are the same objects as before stay as they are. */
  set(group: Partial<Row>, rows: readonly Row[]): void {
    const entry = this.#groups.get(this.#groupOf(group));
    if (!entry) throw new Error(`a group of ${this.#shape.name} was not loaded`);
    entry.rows = rows;
  }

  /** Writes what the page changed; in a rebuild rows are written when there are too many. */
  async flush(tx: ProjectionTransaction): Promise<void> {
    if (!this.#memory) await this.#write(tx, this.#groups.all());
  }

  /** How many groups there are: most have a row or two. */
  get size(): number {
    return this.#groups.size;
  }

  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    await this.#write(tx, which === 'all' ? this.#groups.all() : this.#groups.old());
    this.#groups.age();
  }

  async #write(
    tx: ProjectionTransaction,
    groups: Iterable<readonly [string, Group<Row>]>,
  ): Promise<void> {
    const changes: Changes<Row> = { fresh: [], changed: [], deleted: [] };
    // By key, in a rebuild: rows that are asked for together then lie together.
    const inOrder = this.#memory
      ? [...groups].sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
      : groups;
    for (const [key, group] of inOrder) {
      const { rows, stored } = group;
      if (rows === stored) continue;
      if (stored.length === 0) changes.fresh.push(...rows);
      else this.#compare(group, changes);
      group.stored = rows;
      if (this.#memory) this.#written.add(key);
    }
    await writeRows(tx, this.#shape, changes);
  }

  #compare({ rows, stored }: Group<Row>, { fresh, changed, deleted }: Changes<Row>): void {
    const before = new Map(stored.map((row) => [this.#keyOf(row), row]));
    for (const row of rows) {
      const key = this.#keyOf(row);
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
