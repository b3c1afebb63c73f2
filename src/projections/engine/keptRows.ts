import type { KeptTable, ProjectionTransaction, RowMemory } from '../ports/projection.js';
import type { WantedRows } from '../ports/wantedRows.js';

/** A row is a kilobyte or so: beside the page in hand this keeps what builds at a few hundred megabytes. */
export const MOST_KEPT_ROWS = 25_000;

/** Has room made where there are too many rows, of all that are built together. */
export const makeRoom = async (
  builds: readonly { readonly size: number }[],
  most: number,
  spill: () => Promise<void>,
): Promise<void> => {
  const rows = () => builds.reduce((sum, { size }) => sum + size, 0);
  // Once makes what is there old; twice writes what was not touched in between.
  for (let times = 0; times < 2 && rows() > most; times += 1) await spill();
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
