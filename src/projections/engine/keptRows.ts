import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import type { WantedRows } from '../ports/wantedRows.js';

/** The rows that one build has in memory. */
export class KeptRows implements RowMemory {
  readonly resumed: boolean;
  readonly wanted?: WantedRows;
  readonly #tables: KeptTable[] = [];

  constructor({ resumed, wanted }: { readonly resumed: boolean; readonly wanted?: WantedRows }) {
    this.resumed = resumed;
    if (wanted) this.wanted = wanted;
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
