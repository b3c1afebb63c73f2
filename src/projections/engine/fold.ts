import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import { Generations } from './generations.js';
import { KeyFilter } from './keyFilter.js';

/**
 * What of one table is in memory, by key: for one page of events, or in a rebuild for all of them, where it is
 * written and forgotten when there is too much of it.
 */
export abstract class Fold<Entry extends object> implements KeptTable {
  protected readonly entries = new Generations<Entry>();
  readonly #memory: RowMemory | undefined;
  /** The keys of what was written and may have been forgotten since; in a rebuild. */
  readonly #written: KeyFilter | undefined;

  protected constructor(memory: RowMemory | undefined) {
    this.#memory = memory;
    this.#written = memory && new KeyFilter();
    memory?.keep(this);
  }

  /** Writes what the page changed; in a rebuild rows are written when there are too many. */
  async flush(tx: ProjectionTransaction): Promise<void> {
    if (!this.#memory) await this.#write(tx, this.entries.all());
  }

  get size(): number {
    return this.entries.size;
  }

  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    await this.#write(tx, which === 'all' ? this.entries.all() : this.entries.old());
    this.entries.age();
  }

  /** Whether the table may have what is not here. */
  protected mayBeStored(key: string): boolean {
    return !this.#memory || this.#memory.resumed || this.#written?.has(key) === true;
  }

  /** What the table has from now on is to be found in it. */
  protected noteWritten(key: string): void {
    this.#written?.add(key);
  }

  protected abstract isChanged(entry: Entry): boolean;

  /** Writes entries that changed, which have not changed from then on. */
  protected abstract write(
    tx: ProjectionTransaction,
    changed: readonly (readonly [string, Entry])[],
  ): Promise<void>;

  async #write(
    tx: ProjectionTransaction,
    entries: Iterable<readonly [string, Entry]>,
  ): Promise<void> {
    const changed = [...entries].filter(([, entry]) => this.isChanged(entry));
    // By key, in a rebuild: rows that are asked for together, such as a person's, then lie together, and a key is
    // made faster of them.
    if (this.#memory) changed.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
    await this.write(tx, changed);
  }
}
