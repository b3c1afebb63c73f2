import type { TitleName } from '../../domain/viewing/events.js';
import { nameWithFacts, UNKNOWN_TITLE } from '../../domain/viewing/titleFacts.js';
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

/** What the person says of a title, beside watching it. */
type Said = Pick<EntryRow, 'wish' | 'mark' | 'added_at'>;

const NOTHING: Said = { wish: 'none', mark: 'none', added_at: null };

/** Wish and mark after a list event. */
const said = ({ wish, mark, added_at }: Said, event: ListEvent): Said => {
  switch (event.type) {
    case 'WatchlistAdded':
      return { wish: 'wanted', mark, added_at: added_at ?? event.recordedAt };
    case 'WatchlistRemoved':
      return { wish: 'none', mark, added_at: null };
    case 'WatchStateSet':
      return { wish, mark: event.data.state === 'resumed' ? 'none' : event.data.state, added_at };
    default:
      return event satisfies never;
  }
};

/** A play fulfils the wish; wishing again after it means a rewatch. */
const watched = ({ wish, mark, added_at }: Said, { type }: WatchlistEvent): Said => ({
  wish: type === 'MovieWatched' && wish === 'wanted' ? 'fulfilled' : wish,
  ...{ mark, added_at },
});

/** Where each title stands for each person (SEMANTICS D8). */
export const watchlist: Projection<(typeof handles)[number]> = {
  name: 'watchlist',
  version: 3,
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
      if (event.type === 'TitleFactsLearnt') {
        if (old) entries.set({ ...old, name: nameWithFacts(old.name, event.data.snapshot) });
        continue;
      }
      const { wish, mark, added_at } = isListEvent(event)
        ? said(old ?? NOTHING, event)
        : watched(old ?? NOTHING, event);
      const told = old?.plays_told ?? [];
      const plays_told = isListEvent(event) ? told : playsAfter(told, event, noFacts);
      const plays = countedOf(plays_told).length;
      const derived = watchState(wish, mark, plays);
      entries.set({
        ...key,
        name: nameIn(event) ?? old?.name ?? { title: UNKNOWN_TITLE },
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
