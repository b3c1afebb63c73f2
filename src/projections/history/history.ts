import type {
  MovieWatched,
  TitleName,
  TitleSnapshot,
  WatchedWhen,
} from '../../domain/viewing/events.js';
import { countedPlays, momentOf, rankPlays } from '../../domain/viewing/plays/plays.js';
import { nameWithFacts } from '../../domain/viewing/titleFacts.js';
import { PLAY_EVENTS, recordedAtOf } from '../../domain/viewing/plays/titlePlays.js';
import { VIEWING_STREAMS } from '../../domain/streams.js';
import { streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';

/** One play; several rows make a title's history, which is numbered as a whole. */
interface PlayRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly play_id: string;
  readonly name: TitleName;
  readonly watched: WatchedWhen;
  readonly local_date: string | null;
  /** Where the play stands in time; plays with an unknown date stand nowhere. */
  readonly moment: string | null;
  readonly source: string;
  readonly note: string | null;
  readonly device: string | null;
  readonly runtime_minutes: number;
  /** The minutes rest on a fallback running time. */
  readonly runtime_estimated: boolean;
  readonly recorded_at: Date;
  readonly recorded_revision: number;
  readonly removed_at: string | null;
  readonly duplicate_of: string | null;
  /** 1-based rank among the title's counted plays; null for those that do not count. */
  readonly rewatch_number: number | null;
}

type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;
/** What becomes of one play that is there. */
type ChangeEvent = Exclude<
  PlayEvent,
  { type: 'MovieWatched' | 'TitleFactsLearnt' | 'ViewingMoved' }
>;

const plays = table<PlayRow>('plays', ['user_id', 'title_id', 'play_id']);

const timesOf = (watched: WatchedWhen): Pick<PlayRow, 'local_date' | 'moment' | 'watched'> => ({
  watched,
  local_date: watched.precision === 'unknown' ? null : watched.localDate,
  moment: watched.precision === 'unknown' ? null : momentOf(watched),
});

const recorded = (data: MovieWatched['data'], event: PlayEvent): PlayRow => ({
  user_id: data.userId,
  title_id: data.titleId,
  play_id: data.playId,
  name: {
    title: data.snapshot.title,
    ...(data.snapshot.releaseYear === undefined ? {} : { releaseYear: data.snapshot.releaseYear }),
  },
  ...timesOf(data.watched),
  source: data.source,
  note: data.note ?? null,
  device: data.device ?? null,
  runtime_minutes: data.snapshot.runtimeMinutes,
  runtime_estimated: data.snapshot.runtimeEstimated,
  recorded_at: recordedAtOf({ data, recordedAt: event.recordedAt }),
  recorded_revision: Number(event.revision),
  removed_at: null,
  duplicate_of: null,
  // Nearly always the only play of the title.
  rewatch_number: 1,
});

/** What is known of the title now that was not when the play was recorded. */
const learnt = (play: PlayRow, title: TitleSnapshot): PlayRow => ({
  ...play,
  name: nameWithFacts(play.name, title),
  ...(play.runtime_estimated && !title.runtimeEstimated
    ? { runtime_minutes: title.runtimeMinutes, runtime_estimated: false }
    : {}),
});

const after = (play: PlayRow, event: ChangeEvent): PlayRow => {
  switch (event.type) {
    case 'WatchAmended': {
      const { watched, note, duplicateOf } = event.data;
      return {
        ...play,
        ...(watched === undefined ? {} : timesOf(watched)),
        ...(note === undefined ? {} : { note }),
        ...(duplicateOf === undefined ? {} : { duplicate_of: duplicateOf }),
      };
    }
    case 'WatchRemoved':
      return { ...play, removed_at: event.data.removedAt };
    case 'WatchRestored':
      return { ...play, removed_at: null };
    case 'WatchLinkedAsDuplicate':
      return { ...play, duplicate_of: event.data.duplicateOf };
    case 'WatchUnlinked':
      return { ...play, duplicate_of: null };
    default:
      return event satisfies never;
  }
};

/** A title's plays after one more event. */
const playsAfter = (plays: readonly PlayRow[], event: PlayEvent): readonly PlayRow[] => {
  switch (event.type) {
    case 'MovieWatched':
      return [...plays, recorded(event.data, event)];
    case 'TitleFactsLearnt':
      return plays.map((play) => learnt(play, event.data.snapshot));
    case 'ViewingMoved':
      return [];
    default:
      return plays.map((play) => (play.play_id === event.data.playId ? after(play, event) : play));
  }
};

/** Every play with the rewatch number that SEMANTICS D2.1 gives it. */
const numbered = (plays: readonly PlayRow[]): readonly PlayRow[] => {
  const [only, ...others] = plays;
  if (only && others.length === 0 && only.removed_at === null && only.duplicate_of === null) {
    return [only.rewatch_number === 1 ? only : { ...only, rewatch_number: 1 }];
  }
  const inOrder = [...plays].sort((a, b) => a.recorded_revision - b.recorded_revision);
  const counted = countedPlays(
    inOrder.map((play) => ({
      id: play.play_id,
      removed: play.removed_at !== null,
      ...(play.duplicate_of === null ? {} : { duplicateOf: play.duplicate_of }),
    })),
  );
  const ranked = rankPlays(
    inOrder
      .filter((play) => counted.has(play.play_id))
      .map((play) => ({
        id: play.play_id,
        watched: play.watched,
        recordedAt: new Date(play.recorded_at).toISOString(),
      })),
  );
  const rank = new Map(ranked.map((play, index) => [play.id, index + 1]));
  return inOrder.map((play) => {
    const rewatch_number = rank.get(play.play_id) ?? null;
    return rewatch_number === play.rewatch_number ? play : { ...play, rewatch_number };
  });
};

/** What a person watched, play by play. */
export const history = streamProjection<(typeof PLAY_EVENTS)[number], readonly PlayRow[]>({
  name: 'history',
  version: 3,
  personal: ['note'],
  handles: PLAY_EVENTS,
  prefixes: [VIEWING_STREAMS],
  tables: `
    create table plays (
      user_id uuid not null,
      title_id uuid not null,
      play_id uuid not null,
      name json not null,
      watched json not null,
      local_date date,
      moment timestamptz(3),
      source text not null,
      note text,
      device text,
      runtime_minutes integer not null,
      runtime_estimated boolean not null,
      recorded_at timestamptz(3) not null,
      recorded_revision integer not null,
      removed_at timestamptz(3),
      duplicate_of uuid,
      rewatch_number integer,
      -- A client chooses the ids of its plays, and may use one for two titles.
      primary key (user_id, title_id, play_id)
    );
    -- Plays with an unknown date stand at the end.
    create index plays_by_moment on plays
      (user_id, coalesce(moment, '0001-01-01T00:00:00.000Z'), play_id, title_id)
      where removed_at is null;
    create index plays_by_recording on plays (user_id, recorded_at, play_id, title_id)
      where removed_at is null;
  `,
  initialState: [],
  evolve: playsAfter,
  rows: [streamTable(plays, numbered)],
  changedBy: ({ data }) => [`history:${data.userId}`, `history:${data.userId}:${data.titleId}`],
});
