import type { TitleName } from '../../domain/viewing/events.js';
import {
  countedOf,
  noFacts,
  PLAY_EVENTS,
  playsAfter,
  type TitlePlay,
} from '../../domain/viewing/titlePlays.js';
import { watchState, type Mark, type Wish } from '../../domain/viewing/watchState.js';
import { table } from '../engine/table.js';
import type { ProjectedEvent, Projection } from '../ports/projection.js';

interface EntryRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly name: TitleName;
  readonly wish: Wish;
  readonly mark: Mark;
  readonly plays: number;
  /** Those recorded, whether they count or not. */
  readonly plays_told: readonly TitlePlay<object>[];
  readonly state: string;
  readonly want_to_rewatch: boolean;
  /** When the wish was made; null when there is none. */
  readonly added_at: Date | null;
  readonly changed_at: Date;
}

const entriesTable = table<EntryRow>('entries', ['user_id', 'title_id']);

const LIST_EVENTS = ['WatchlistAdded', 'WatchlistRemoved', 'WatchStateSet'] as const;
const handles = [...PLAY_EVENTS, ...LIST_EVENTS] as const;
type ListEvent = ProjectedEvent<(typeof LIST_EVENTS)[number]>;
type WatchlistEvent = ProjectedEvent<(typeof handles)[number]>;

const isListEvent = (event: WatchlistEvent): event is ListEvent =>
  (LIST_EVENTS as readonly string[]).includes(event.type);

const nameIn = (event: WatchlistEvent): TitleName | undefined => {
  if ('name' in event.data) return event.data.name;
  if (event.type !== 'MovieWatched') return undefined;
  const { title, releaseYear } = event.data.snapshot;
  return { title, ...(releaseYear === undefined ? {} : { releaseYear }) };
};

/** What a list event says of wish and mark. */
const said = (
  row: Pick<EntryRow, 'wish' | 'mark' | 'added_at'>,
  event: ListEvent,
): Pick<EntryRow, 'wish' | 'mark' | 'added_at'> => {
  switch (event.type) {
    case 'WatchlistAdded':
      return { ...row, wish: 'wanted', added_at: row.added_at ?? event.recordedAt };
    case 'WatchlistRemoved':
      return { ...row, wish: 'none', added_at: null };
    case 'WatchStateSet':
      return { ...row, mark: event.data.state === 'resumed' ? 'none' : event.data.state };
    default:
      return event satisfies never;
  }
};

/** Where each title stands for each person (SEMANTICS D8). */
export const watchlist: Projection<(typeof handles)[number]> = {
  name: 'watchlist',
  version: 2,
  handles,
  tables: `
    create table entries (
      user_id uuid not null,
      title_id uuid not null,
      name json not null,
      wish text not null,
      mark text not null,
      plays integer not null,
      plays_told json not null,
      state text not null,
      want_to_rewatch boolean not null,
      added_at timestamptz(3),
      changed_at timestamptz(3) not null,
      primary key (user_id, title_id)
    );
    create index entries_by_state on entries (user_id, state, changed_at, title_id);
  `,
  belongsTo: ({ data }) => data.userId,
  project: async (events, tx) => {
    const entries = await entriesTable.load(
      tx,
      events.map(({ data }) => ({ user_id: data.userId, title_id: data.titleId })),
    );
    for (const event of events) {
      const key = { user_id: event.data.userId, title_id: event.data.titleId };
      const old = entries.get(key);
      const wishAndMark = old ?? ({ wish: 'none', mark: 'none', added_at: null } as const);
      const { wish, mark, added_at } = isListEvent(event)
        ? said(wishAndMark, event)
        : {
            ...wishAndMark,
            // A play fulfils the wish; wishing again after it means a rewatch.
            wish:
              event.type === 'MovieWatched' && wishAndMark.wish === 'wanted'
                ? ('fulfilled' as const)
                : wishAndMark.wish,
          };
      const told = old?.plays_told ?? [];
      const plays_told = isListEvent(event) ? told : playsAfter(told, event, noFacts);
      const plays = countedOf(plays_told).length;
      const derived = watchState(wish, mark, plays);
      entries.set({
        ...key,
        name: nameIn(event) ?? old?.name ?? { title: '?' },
        wish,
        mark,
        plays,
        plays_told,
        state: derived.state,
        want_to_rewatch: derived.state === 'watched' && derived.wantToRewatch,
        added_at,
        changed_at: event.recordedAt,
      });
    }
    await entries.flush(tx);
    return events.flatMap(({ data }) => [
      `watchlist:${data.userId}`,
      `watchlist:${data.userId}:${data.titleId}`,
    ]);
  },
};
