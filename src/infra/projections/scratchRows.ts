import type { ClientBase } from 'pg';
import type { RecordedEvent } from '../../commands/ports/eventStore.js';
import { KeptRows } from '../../projections/engine/keptRows.js';
import type {
  ProjectedEvent,
  Projection,
  ProjectionTransaction,
} from '../../projections/ports/projection.js';
import { wantedOf, type WantedRows } from '../../projections/ports/wantedRows.js';
import { copyRows } from '../postgres/copyRows.js';
import type { Queryable } from '../postgres/database.js';

/** Beyond so much in memory rows that were not touched for long are written. */
const MOST_KILOBYTES = 96_000;

/** A read model being made for one answer: its rows are folded in memory and written in the end. */
export interface ScratchRows {
  project(events: readonly RecordedEvent[]): Promise<void>;
  /** Writes the rows that may be asked for. */
  write(): Promise<void>;
}

/** @param tx with `search_path` set to where the tables are, which are empty */
export const scratchRows = (
  projection: Projection,
  { tx, client }: { readonly tx: Queryable; readonly client: ClientBase },
  wanted: WantedRows = {},
): ScratchRows => {
  const memory = new KeptRows({ resumed: false, wanted });
  const isHandled = (event: RecordedEvent): event is RecordedEvent & ProjectedEvent =>
    (projection.handles as readonly string[]).includes(event.type);
  const writing = (wants: WantedRows): ProjectionTransaction => ({
    memory,
    query: (statement) => tx.query(statement),
    copy: async (table, columns, rows, arrays = []) => {
      const isWanted = wantedOf(wants, table);
      const some = isWanted ? rows.filter(isWanted) : rows;
      if (some.length > 0) await copyRows(client, { table, columns, arrays }, some);
    },
  });
  const everything = writing({});
  return {
    project: async (events) => {
      await projection.project(events.filter(isHandled), everything);
      // All of them: what is left out now would be missed when it is loaded again.
      if (memory.size > MOST_KILOBYTES) await memory.spill(everything, 'cold');
    },
    write: () => memory.spill(writing(wanted), 'all'),
  };
};
