import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';

/** The rows that one build has in memory. */
export class KeptRows implements RowMemory {
  readonly resumed: boolean;
  readonly #tables: KeptTable[] = [];
  readonly #makeKey: (table: string) => Promise<void>;

  constructor(options: {
    readonly resumed: boolean;
    readonly makeKey: (table: string) => Promise<void>;
  }) {
    this.resumed = options.resumed;
    this.#makeKey = options.makeKey;
  }

  /** How many rows there are, of all tables. */
  get size(): number {
    return this.#tables.reduce((rows, table) => rows + table.size, 0);
  }

  keep(table: KeptTable): void {
    this.#tables.push(table);
  }

  keyed(table: string): Promise<void> {
    return this.#makeKey(table);
  }

  /** Writes rows, and forgets those that were not touched since the last time. */
  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    for (const table of this.#tables) await table.spill(tx, which);
  }
}
