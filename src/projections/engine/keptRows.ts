import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import type { WantedRows } from '../ports/wantedRows.js';

/** In kilobytes: beside the page in hand, and garbage, this keeps what builds at a few hundred megabytes. */
export const MOST_KEPT_KILOBYTES = 48_000;

const MOST_TIMES = 4;

/** Has room made where rows take too much, of all that are built together. */
export const makeRoom = async (
  builds: readonly { readonly size: number }[],
  most: number,
  spill: () => Promise<void>,
): Promise<void> => {
  const kept = () => builds.reduce((sum, { size }) => sum + size, 0);
  // Once makes what is there old; twice writes what was not touched in between; then it is the turn of others.
  for (let times = 0; times < MOST_TIMES && kept() > most; times += 1) await spill();
};

/** The rows that one build has in memory. */
export class KeptRows implements RowMemory {
  readonly resumed: boolean;
  readonly wanted?: WantedRows;
  readonly #tables: KeptTable[] = [];

  constructor({ resumed, wanted }: { readonly resumed: boolean; readonly wanted?: WantedRows }) {
    this.resumed = resumed;
    if (wanted) this.wanted = wanted;
  }

  /** What the rows of all tables take, in kilobytes; an estimate. */
  get size(): number {
    return this.#tables.reduce((sum, { size }) => sum + size, 0);
  }

  keep(table: KeptTable): void {
    this.#tables.push(table);
  }

  /**
   * Writes all rows, or those of the largest tables that were not touched since the last time, which are then
   * forgotten: large tables are mostly of rows that are touched once or twice, small ones of sums that come again.
   */
  async spill(tx: ProjectionTransaction, which: 'cold' | 'all'): Promise<void> {
    const largest = Math.max(0, ...this.#tables.map(({ size }) => size));
    for (const table of this.#tables) {
      if (which === 'all' || table.size >= largest / 2) await table.spill(tx, which);
    }
  }
}
