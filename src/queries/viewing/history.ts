import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Instant, LocalDate, Uuid } from '../../domain/schemas.js';
import { movieStream, viewingStreamsOf } from '../../domain/streams.js';
import { PlaySource, WatchedWhen } from '../../domain/viewing/events.js';
import { decodeCursor, InvalidParameter, isDateText, listKey, pageOf } from '../serving/cursor.js';
import { nextCursor, paging } from '../serving/listParameters.js';
import { query } from '../query.js';
import { TITLE_NAME, TITLE_NAMES_CHANGE } from '../catalogue/titleName.js';

/** One recorded watch. */
export const WatchAnswer = Type.Object(
  {
    id: Uuid,
    movieId: Uuid,
    title: Type.String(),
    releaseYear: Type.Optional(Type.Integer()),
    watched: WatchedWhen,
    /** 1 for the first; null when another source told of the same viewing. */
    rewatchNumber: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    duplicateOf: Type.Optional(Uuid),
    source: PlaySource,
    runtimeMinutes: Type.Integer(),
    /** The film's running time is not known: a fallback counts. */
    runtimeEstimated: Type.Boolean(),
    note: Type.Optional(Type.String()),
    device: Type.Optional(Type.String()),
    recordedAt: Instant,
  },
  { additionalProperties: false },
);

export interface WatchRow {
  readonly play_id: string;
  readonly title_id: string;
  readonly name: { readonly title: string; readonly releaseYear?: number };
  readonly watched: Static<typeof WatchedWhen>;
  readonly moment: Date | null;
  readonly rewatch_number: number | null;
  readonly duplicate_of: string | null;
  readonly source: Static<typeof PlaySource>;
  readonly runtime_minutes: number;
  readonly runtime_estimated: boolean;
  readonly note: string | null;
  readonly device: string | null;
  readonly recorded_at: Date;
}

export const WATCH_COLUMNS =
  `play_id, title_id, ${TITLE_NAME}, watched, moment, rewatch_number, duplicate_of, source, ` +
  'runtime_minutes, runtime_estimated, note, device, recorded_at';

export const toWatch = (row: WatchRow): Static<typeof WatchAnswer> => ({
  id: row.play_id,
  movieId: row.title_id,
  ...row.name,
  watched: row.watched,
  rewatchNumber: row.rewatch_number,
  ...(row.duplicate_of === null ? {} : { duplicateOf: row.duplicate_of }),
  source: row.source,
  runtimeMinutes: row.runtime_minutes,
  runtimeEstimated: row.runtime_estimated,
  ...(row.note === null ? {} : { note: row.note }),
  ...(row.device === null ? {} : { device: row.device }),
  recordedAt: row.recorded_at.toISOString(),
});

/** Plays with an unknown date stand at the end of the history; as in the index `plays_by_moment`. */
const NEVER = '0001-01-01T00:00:00.000Z';

/** What a person watched, newest first. */
export const history = query({
  name: 'history',
  parameters: Type.Object(
    {
      sort: Type.Enum(['watched', 'recorded'], { default: 'watched' }),
      movieId: Type.Optional(Uuid),
      from: Type.Optional(LocalDate),
      to: Type.Optional(LocalDate),
      ...paging(100, 500),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object(
    { watches: Type.Array(WatchAnswer), nextCursor },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: ['history', 'catalogue'],
  dependsOn: (_, { userId }) => [`history:${userId}`, TITLE_NAMES_CHANGE],
  sources: (_, { userId }) => [
    { readModel: 'history', streams: { prefixes: [viewingStreamsOf(userId)] } },
    // For the names of the films that the page shows.
    {
      readModel: 'catalogue',
      streams: ({ watches }) => ({ names: watches.map(({ movieId }) => movieStream(movieId)) }),
    },
  ],
  read: async ({ sort, movieId, from, to, limit, cursor }, { userId }, readModels) => {
    if (from !== undefined && to !== undefined && from > to) {
      throw new InvalidParameter('to', 'is before "from"');
    }
    const list = listKey('history', sort, movieId, from, to);
    const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isDateText);
    const by = sort === 'recorded' ? 'recorded_at' : `coalesce(moment, '${NEVER}'::timestamptz)`;
    const rows = await readModels.query<WatchRow>({
      name: `history.${sort}`,
      // By plays_by_moment or plays_by_recording.
      text: `select ${WATCH_COLUMNS} from {history}.plays
             where user_id = $1 and removed_at is null
               and ($2::uuid is null or title_id = $2)
               and ($3::date is null or local_date >= $3)
               and ($4::date is null or local_date <= $4)
               and ($5::timestamptz is null
                    or (${by}, play_id, title_id) < ($5, $6::uuid, $7::uuid))
             order by ${by} desc, play_id desc, title_id desc limit $8`,
      values: [
        userId,
        movieId ?? null,
        from ?? null,
        to ?? null,
        place?.value ?? null,
        place?.id ?? null,
        place?.within ?? null,
        limit + 1,
      ],
    });
    const { page, nextCursor: next } = pageOf(rows, limit, list, (row) => ({
      value:
        sort === 'recorded' ? row.recorded_at.toISOString() : (row.moment?.toISOString() ?? NEVER),
      id: row.play_id,
      within: row.title_id,
    }));
    return { watches: page.map(toWatch), nextCursor: next };
  },
});
