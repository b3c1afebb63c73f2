import type { TitleName } from '../../domain/viewing/events.js';
import { nameWithFacts, UNKNOWN_TITLE } from '../../domain/viewing/titleFacts.js';
import {
  PLAY_EVENTS,
  playsAfter,
  type PlayReading,
  type TitlePlay,
} from '../../domain/viewing/plays/titlePlays.js';
import { isBackdated, viewingsOf } from '../../domain/viewing/plays/plays.js';
import { standingOf, type Mark, type Wish } from '../../domain/viewing/watchState.js';
import { VIEWING_STREAMS } from '../../domain/streams.js';
import { streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';
import { saidAt } from '../saidAt.js';

/** What the list keeps of a play. */
interface PlayFacts {
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  /** It was reported long afterwards: it moves no title that has a place already. */
  readonly backdated?: true;
  /** It resumes the title if that was dropped or on hold before. */
  readonly resumes?: true;
}

interface EntryRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly name: TitleName;
  readonly wish: Wish | null;
  readonly mark: Mark | null;
  readonly plays: number;
  readonly state: string;
  readonly want_to_rewatch: boolean;
  readonly in_watchlist: boolean;
  /** When the wish was made; null when there is none. */
  readonly added_at: Date | null;
  /** When the person last said where the title stands, beside wishing for it. */
  readonly marked_at: Date | null;
  /** By which the list is ordered. */
  readonly changed_at: Date;
}

const entriesTable = table<EntryRow>('entries', ['user_id', 'title_id']);

const handles = [...PLAY_EVENTS, 'WatchlistAdded', 'WatchlistRemoved', 'WatchStateSet'] as const;
type WatchlistEvent = ProjectedEvent<(typeof handles)[number]>;

const nameIn = (event: WatchlistEvent): TitleName | undefined => {
  if ('name' in event.data) return event.data.name;
  if (event.type !== 'MovieWatched') return undefined;
  const { title, releaseYear } = event.data.snapshot;
  return { title, ...(releaseYear === undefined ? {} : { releaseYear }) };
};

const playFacts: PlayReading<PlayFacts> = {
  recorded: ({ watched, resumes }, recordedAt) => ({
    recordedAt: recordedAt.getTime(),
    ...(isBackdated(watched, recordedAt) ? { backdated: true } : {}),
    ...(resumes === undefined ? {} : { resumes }),
  }),
  amended: (facts) => facts,
  learnt: (facts) => facts,
};

/** What the person reports and says of a title. */
interface Said extends Pick<EntryRow, 'wish' | 'mark' | 'added_at' | 'marked_at'> {
  /** Those recorded, whether they count or not. */
  readonly plays: readonly TitlePlay<PlayFacts>[];
}

const NOTHING: Said = { wish: null, mark: null, added_at: null, marked_at: null, plays: [] };

/** A title of a person of whom something was said. */
interface Title extends Said, Pick<EntryRow, 'user_id' | 'title_id' | 'name'> {
  /** When the last of it was recorded, apart from what was learnt of the title. */
  readonly saidAt: Date;
}

const titleAfter = (title: Title | undefined, event: WatchlistEvent): Title | undefined => {
  if (event.type === 'ViewingMoved') return undefined;
  if (event.type === 'TitleFactsLearnt') {
    return title && { ...title, name: nameWithFacts(title.name, event.data.snapshot) };
  }
  const { wish, mark, added_at, marked_at, plays } = after(title ?? NOTHING, event);
  return {
    user_id: event.data.userId,
    title_id: event.data.titleId,
    name: nameIn(event) ?? title?.name ?? { title: UNKNOWN_TITLE },
    wish,
    mark,
    added_at,
    marked_at,
    plays,
    saidAt: event.recordedAt,
  };
};

const rowsOf = (title: Title | undefined): readonly EntryRow[] => {
  if (!title) return [];
  const { user_id, title_id, name, wish, mark, added_at, marked_at } = title;
  const { watchState, plays, isWanted, inWatchlist } = standing(title);
  return [
    {
      user_id,
      title_id,
      name,
      wish,
      mark,
      plays,
      state: watchState.state,
      want_to_rewatch: watchState.state === 'watched' && isWanted,
      in_watchlist: inWatchlist,
      added_at,
      marked_at,
      changed_at: placeOf(title),
    },
  ];
};

type SayingEvent = Exclude<WatchlistEvent, { type: 'ViewingMoved' | 'TitleFactsLearnt' }>;

const after = (said: Said, event: SayingEvent): Said => {
  const since = said.plays.length;
  switch (event.type) {
    case 'WatchlistAdded':
      // In older logs it follows a report of a viewing that the wish came after: the wish was never fulfilled.
      if (standing(said).isWanted) {
        return event.data.at === undefined ? said : { ...said, added_at: saidAt(event) };
      }
      return { ...said, wish: { since }, added_at: saidAt(event) };
    case 'WatchlistRemoved':
      return said.wish && event.data.playId !== undefined
        ? { ...said, wish: { ...said.wish, takenOff: true } }
        : { ...said, wish: null, added_at: null };
    case 'WatchStateSet': {
      const { state } = event.data;
      const mark = state === 'resumed' ? null : { state, since };
      return { ...said, mark, marked_at: event.recordedAt };
    }
    default:
      return { ...said, plays: playsAfter(said.plays, event, playFacts) };
  }
};

const standing = ({ wish, mark, plays }: Said) =>
  wish || mark
    ? standingOf(
        { ...(wish ? { wish } : {}), ...(mark ? { mark } : {}) },
        plays.map(({ facts: { resumes }, ...play }) => ({
          ...play,
          ...(resumes === undefined ? {} : { resumes }),
        })),
      )
    : standingOf({}, plays);

/**
 * Where the list puts a title: by when the wish was made, the person gave the title up or resumed it, or a play was
 * recorded, whichever was last. What is reported long afterwards, and what is reported a second time, moves no title; nor
 * does an amendment. A title that has nothing else stands where its first play was recorded.
 */
const placeOf = ({ added_at, marked_at, plays, saidAt: otherwise }: Title): Date => {
  const [only, ...others] = plays;
  // Nearly always: one play, and nothing said of it.
  if (only && others.length === 0 && !only.removed && !added_at && !marked_at) {
    return new Date(only.facts.recordedAt);
  }
  const first = viewingsOf(plays.map((play, nth) => ({ nth, ...play }))).map((reports) =>
    reports.reduce((one, other) => (other.nth < one.nth ? other : one)),
  );
  const timesOf = (plays: typeof first) => plays.map(({ facts }) => facts.recordedAt);
  const moving = [
    ...timesOf(first.filter(({ facts }) => facts.backdated === undefined)),
    ...[added_at, marked_at].flatMap((time) => (time ? [new Date(time).getTime()] : [])),
  ];
  if (moving.length > 0) return new Date(Math.max(...moving));
  return first.length > 0 ? new Date(Math.min(...timesOf(first))) : otherwise;
};

/** Where each title stands for each person (SEMANTICS D8). */
export const watchlist = streamProjection<(typeof handles)[number], Title | undefined>({
  name: 'watchlist',
  version: 4,
  handles,
  prefixes: [VIEWING_STREAMS],
  tables: `
    create table entries (
      user_id uuid not null,
      title_id uuid not null,
      name json not null,
      wish json,
      mark json,
      plays integer not null,
      state text not null,
      want_to_rewatch boolean not null,
      in_watchlist boolean not null,
      added_at timestamptz(3),
      marked_at timestamptz(3),
      changed_at timestamptz(3) not null,
      primary key (user_id, title_id)
    );
    create index entries_by_state on entries (user_id, state, changed_at, title_id);
  `,
  initialState: undefined,
  evolve: titleAfter,
  rows: [streamTable(entriesTable, rowsOf)],
  changedBy: ({ data }) => [`watchlist:${data.userId}`, `watchlist:${data.userId}:${data.titleId}`],
});
