import type { TitleName } from '../../domain/viewing/events.js';
import { table } from '../engine/table.js';
import type { Projection } from '../ports/projection.js';

interface FavoriteRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly name: TitleName;
  readonly added_at: Date;
}

const favoritesTable = table<FavoriteRow>('favorites', ['user_id', 'title_id']);

const handles = ['FavoriteAdded', 'FavoriteRemoved'] as const;

/** The titles that people like best. */
export const favorites: Projection<(typeof handles)[number]> = {
  name: 'favorites',
  version: 1,
  handles,
  tables: `
    create table favorites (
      user_id uuid not null,
      title_id uuid not null,
      name json not null,
      added_at timestamptz(3) not null,
      primary key (user_id, title_id)
    );
    create index favorites_by_age on favorites (user_id, added_at, title_id);
  `,
  belongsTo: ({ data }) => data.userId,
  project: async (events, tx) => {
    const rows = await favoritesTable.load(
      tx,
      events.map(({ data }) => ({ user_id: data.userId, title_id: data.titleId })),
    );
    for (const event of events) {
      const key = { user_id: event.data.userId, title_id: event.data.titleId };
      if (event.type === 'FavoriteRemoved') rows.delete(key);
      else rows.set({ ...key, name: event.data.name, added_at: event.recordedAt });
    }
    await rows.flush(tx);
    return events.flatMap(({ data }) => [
      `favorites:${data.userId}`,
      `favorites:${data.userId}:${data.titleId}`,
    ]);
  },
};
