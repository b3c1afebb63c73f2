import type { LocalDate } from '../../../domain/schemas.js';
import type { Database } from '../../postgres/database.js';

/** Up to when the changes of each kind were dealt with. */
export interface SyncProgress {
  read(): Promise<ReadonlyMap<string, LocalDate>>;
  save(kind: string, completedUntil: LocalDate): Promise<void>;
}

export const createSyncProgress = (database: Database): SyncProgress => ({
  read: async () => {
    const rows = await database.query<{ kind: string; until: LocalDate }>({
      text: 'select kind, completed_until as until from sync_progress',
    });
    return new Map(rows.map(({ kind, until }) => [kind, until]));
  },
  save: async (kind, completedUntil) => {
    await database.query({
      text: `insert into sync_progress (kind, completed_until) values ($1, $2)
             on conflict (kind) do update
               set completed_until = excluded.completed_until, updated_at = now()`,
      values: [kind, completedUntil],
    });
  },
});
