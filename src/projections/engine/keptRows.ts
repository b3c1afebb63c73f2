import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';

/** The rows that one build has in memory. */
export class KeptRows implements RowMemory {
  readonly resumed: boolean;
  readonly #tables: KeptTable[] = [];

  constructor({ resumed }: { readonly resumed: boolean }) {
    this.resumed = resumed;
  }

  /** How many rows there are, of all tables. */
  get size(): number {
    return this.#tables.reduce((rows, table) => rows + table.size, 0);
  }

  keep(table: KeptTable): void {
    this.#tables.push(table);
  }

  /** Writes rows, and forgets those that were not touched since the last time. */
  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    for (const table of this.#tables) await table.spill(tx, which);
  }
}
