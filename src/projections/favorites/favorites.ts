import type { TitleName } from '../../domain/viewing/events.js';
import { nameWithFacts } from '../../domain/viewing/titleFacts.js';
import { table } from '../engine/table.js';
import type { ProjectedEvent, Projection } from '../ports/projection.js';
import { saidAt } from '../saidAt.js';

interface FavoriteRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly name: TitleName;
  readonly added_at: Date;
}

const favoritesTable = table<FavoriteRow>('favorites', ['user_id', 'title_id']);

const handles = ['FavoriteAdded', 'FavoriteRemoved', 'TitleFactsLearnt', 'ViewingMoved'] as const;

const after = (
  row: FavoriteRow | undefined,
  event: ProjectedEvent<(typeof handles)[number]>,
): FavoriteRow | undefined => {
  switch (event.type) {
    case 'FavoriteAdded': {
      const { userId: user_id, titleId: title_id, name } = event.data;
      return { ...{ user_id, title_id, name }, added_at: saidAt(event) };
    }
    case 'FavoriteRemoved':
    case 'ViewingMoved':
      return undefined;
    case 'TitleFactsLearnt':
      return row && { ...row, name: nameWithFacts(row.name, event.data.snapshot) };
    default:
      return event satisfies never;
  }
};

/** The titles that people like best. */
export const favorites: Projection<(typeof handles)[number]> = {
  name: 'favorites',
  version: 2,
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
      const row = after(rows.get(key), event);
      if (row) rows.set(row);
      else rows.delete(key);
    }
    await rows.flush(tx);
    return events.flatMap(({ data }) => [
      `favorites:${data.userId}`,
      `favorites:${data.userId}:${data.titleId}`,
    ]);
  },
};
