import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import { Generations, type RowKey } from './generations.js';
import { KeyFilter } from './keyFilter.js';
import { RowWeight } from './rowWeight.js';

/** What an entry takes beside its rows: its place in a map, and the key there. */
const ENTRY_BYTES = 160;

/**
 * What of one table is in memory, by key: for one page of events, or in a rebuild for all of them, where it is
 * written and forgotten when there is too much of it.
 */
export abstract class Fold<Entry extends object> implements KeptTable {
  protected readonly entries: Generations<Entry>;
  readonly #memory: RowMemory | undefined;
  /** The keys of what was written and may have been forgotten since; in a rebuild. */
  readonly #written: KeyFilter | undefined;
  readonly #weight = new RowWeight();

  /** @param columns how many columns the keys have */
  protected constructor(columns: number, memory: RowMemory | undefined) {
    this.entries = new Generations<Entry>(columns);
    this.#memory = memory;
    this.#written = memory && new KeyFilter();
    memory?.keep(this);
  }

  /** Writes what the page changed; in a rebuild rows are written when there are too many. */
  async flush(tx: ProjectionTransaction): Promise<void> {
    if (!this.#memory) await this.#write(tx, this.entries.all());
  }

  get size(): number {
    return Math.ceil((this.entries.size * (ENTRY_BYTES + this.#weight.mean)) / 1_000);
  }

  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    await this.#write(tx, which === 'all' ? this.entries.all() : this.entries.old());
    this.entries.age();
  }

  /** Whether the table may have what is not here. */
  protected mayBeStored(first: string, rest: string): boolean {
    return !this.#memory || this.#memory.resumed || this.#written?.has(first, rest) === true;
  }

  /** What the table has from now on is to be found in it. */
  protected noteWritten({ first, rest }: RowKey): void {
    this.#written?.add(first, rest);
  }

  /** Has the value of an entry weighed; in a rebuild. */
  protected weigh(value: object | readonly object[]): void {
    if (this.#memory) this.#weight.see(value);
  }

  protected abstract isChanged(entry: Entry): boolean;

  /** Writes entries that changed, which have not changed from then on. */
  protected abstract write(
    tx: ProjectionTransaction,
    changed: readonly (readonly [RowKey, Entry])[],
  ): Promise<void>;

  async #write(
    tx: ProjectionTransaction,
    entries: Iterable<readonly [RowKey, Entry]>,
  ): Promise<void> {
    const changed: (readonly [RowKey, Entry])[] = [];
    for (const keyed of entries) if (this.isChanged(keyed[1])) changed.push(keyed);
    await this.write(tx, changed);
  }
}
