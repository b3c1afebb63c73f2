import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import { Generations } from './generations.js';
import { KeyFilter } from './keyFilter.js';
import { keyBy, keyColumns, loadRows, writeRows, type TableShape } from './tableStatements.js';

interface Group<Row> {
  readonly rows: readonly Row[];
  /** As the table has them. */
  readonly stored: readonly Row[];
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
  readonly #changed = new Set<string>();
  readonly #memory: RowMemory | undefined;
  /** The groups of which the table has rows, or may have; in a rebuild. */
  readonly #known = new KeyFilter();
  #size = 0;

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
    const missing = new Map<string, Partial<Row>>();
    for (const row of wanted) {
      const key = this.#groupOf(row);
      if (this.#groups.has(key) || missing.has(key)) continue;
      if (this.#memory && !this.#memory.resumed && !this.#known.has(key)) continue;
      missing.set(key, keyColumns(row, this.#by));
    }
    const rows = await loadRows(tx, this.#shape, this.#by, [...missing.values()]);
    const groups = new Map<string, Row[]>();
    for (const row of rows) {
      const key = this.#groupOf(row);
      const group = groups.get(key);
      if (group) group.push(row);
      else groups.set(key, [row]);
    }
    for (const [key, stored] of groups) this.#put(key, { rows: stored, stored });
  }

  /** The rows of a group; none when there is no such group. */
  get(group: Partial<Row>): readonly Row[] {
    return this.#groups.get(this.#groupOf(group))?.rows ?? [];
  }

  /** The group has these rows from now on; those that are the same objects as before stay as they are. */
  set(group: Partial<Row>, rows: readonly Row[]): void {
    const key = this.#groupOf(group);
    const stored = this.#groups.get(key)?.stored ?? [];
    this.#put(key, { rows, stored });
    this.#changed.add(key);
  }

  /** Writes what the page changed; in a rebuild rows are written when there are too many. */
  async flush(tx: ProjectionTransaction): Promise<void> {
    if (!this.#memory) await this.#write(tx, this.#changed);
  }

  get size(): number {
    return this.#size;
  }

  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    const cold = this.#groups.oldKeys();
    await this.#write(
      tx,
      which === 'all' ? this.#changed : cold.filter((k) => this.#changed.has(k)),
    );
    for (const key of cold) this.#size -= this.#groups.peek(key)?.rows.length ?? 0;
    this.#groups.age();
  }

  async #write(tx: ProjectionTransaction, keys: Iterable<string>): Promise<void> {
    const fresh: Row[] = [];
    const changed: Row[] = [];
    const deleted: Partial<Row>[] = [];
    for (const key of keys) {
      this.#changed.delete(key);
      const group = this.#groups.peek(key);
      if (!group) continue;
      const { rows, stored } = group;
      if (stored.length === 0) fresh.push(...rows);
      else this.#compare(group, { fresh, changed, deleted });
      this.#groups.replace(key, { rows, stored: rows });
      this.#known.add(key);
    }
    await writeRows(tx, this.#shape, { fresh, changed, deleted });
  }

  #compare(
    { rows, stored }: Group<Row>,
    changes: { readonly fresh: Row[]; readonly changed: Row[]; readonly deleted: Partial<Row>[] },
  ): void {
    const before = new Map(stored.map((row) => [this.#keyOf(row), row]));
    for (const row of rows) {
      const key = this.#keyOf(row);
      const old = before.get(key);
      before.delete(key);
      if (!old) changes.fresh.push(row);
      else if (old !== row) changes.changed.push(row);
    }
    for (const row of before.values()) changes.deleted.push(keyColumns(row, this.#shape.keys));
  }

  #put(key: string, group: Group<Row>): void {
    this.#size += group.rows.length - (this.#groups.peek(key)?.rows.length ?? 0);
    this.#groups.set(key, group);
  }
}
