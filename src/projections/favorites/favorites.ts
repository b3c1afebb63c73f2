import type { TitleName } from '../../domain/viewing/events.js';
import { nameWithFacts } from '../../domain/viewing/titleFacts.js';
import { VIEWING_STREAMS } from '../../domain/streams.js';
import { streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';
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
      return { user_id, title_id, name, added_at: saidAt(event) };
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
export const favorites = streamProjection<(typeof handles)[number], FavoriteRow | undefined>({
  name: 'favorites',
  version: 2,
  handles,
  prefixes: [VIEWING_STREAMS],
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
  initialState: undefined,
  evolve: after,
  rows: [streamTable(favoritesTable, (row) => (row ? [row] : []))],
  changedBy: ({ data }) => [`favorites:${data.userId}`, `favorites:${data.userId}:${data.titleId}`],
});
