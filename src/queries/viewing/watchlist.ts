import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Instant, Uuid } from '../../domain/schemas.js';
import { decodeCursor, isDateText, listKey, pageOf } from '../serving/cursor.js';
import { nextCursor, paging } from '../serving/listParameters.js';
import { query } from '../query.js';
import { TITLE_NAME, TITLE_NAMES_CHANGE } from '../catalogue/titleName.js';

interface EntryRow {
  readonly title_id: string;
  readonly name: { readonly title: string; readonly releaseYear?: number };
  readonly state: 'want_to_watch' | 'watched' | 'dropped' | 'on_hold';
  readonly want_to_rewatch: boolean;
  readonly plays: number;
  readonly added_at: Date | null;
  readonly changed_at: Date;
}

/** What a person wants to watch, or has watched, dropped or put on hold; changed last comes first. */
export const watchlist = query({
  name: 'watchlist',
  parameters: Type.Object(
    {
      state: Type.Optional(Type.Enum(['want_to_watch', 'watched', 'dropped', 'on_hold'])),
      ...paging(100, 500),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object(
    {
      entries: Type.Array(
        Type.Object(
          {
            movieId: Uuid,
            title: Type.String(),
            releaseYear: Type.Optional(Type.Integer()),
            state: Type.Enum(['want_to_watch', 'watched', 'dropped', 'on_hold']),
            wantToRewatch: Type.Boolean(),
            plays: Type.Integer({ minimum: 0 }),
            addedAt: Type.Union([Instant, Type.Null()]),
            changedAt: Instant,
          },
          { additionalProperties: false },
        ),
      ),
      nextCursor,
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: ['watchlist', 'catalogue'],
  dependsOn: (_, { userId }) => [`watchlist:${userId}`, TITLE_NAMES_CHANGE],
  read: async ({ state, limit, cursor }, { userId }, readModels) => {
    const list = listKey('watchlist', state);
    const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isDateText);
    const rows = await readModels.query<EntryRow>({
      name: 'watchlist',
      // By entries_by_state. A wish to see something again is a wish, too.
      text: `select title_id, ${TITLE_NAME}, state, want_to_rewatch, plays, added_at, changed_at
             from {watchlist}.entries
             where user_id = $1 and state <> 'none'
               and ($2::text is null or state = $2
                    or ($2 = 'want_to_watch' and want_to_rewatch))
               and ($3::timestamptz is null or (changed_at, title_id) < ($3, $4::uuid))
             order by changed_at desc, title_id desc limit $5`,
      values: [userId, state ?? null, place?.value ?? null, place?.id ?? null, limit + 1],
    });
    const { page, nextCursor: next } = pageOf(rows, limit, list, (row) => ({
      value: row.changed_at.toISOString(),
      id: row.title_id,
    }));
    return {
      entries: page.map((row) => ({
        movieId: row.title_id,
        ...row.name,
        state: row.state,
        wantToRewatch: row.want_to_rewatch,
        plays: row.plays,
        addedAt: row.added_at?.toISOString() ?? null,
        changedAt: row.changed_at.toISOString(),
      })),
      nextCursor: next,
    };
  },
});
