import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Uuid } from '../../domain/schemas.js';
import { toWatch, WATCH_COLUMNS, WatchAnswer, type WatchRow } from './history.js';
import { query } from '../query.js';

/** A person's watches of one film, first to last. */
export const movieWatches = query({
  name: 'movieWatches',
  parameters: Type.Object({ movieId: Uuid }, { additionalProperties: false }),
  answer: Type.Object({ watches: Type.Array(WatchAnswer) }, { additionalProperties: false }),
  requires: mayRead,
  audience: 'personal',
  readModels: ['history', 'catalogue'],
  dependsOn: ({ movieId }, { userId }) => [`history:${userId}:${movieId}`, `movie:${movieId}`],
  read: async ({ movieId }, { userId }, readModels) => {
    const rows = await readModels.query<WatchRow>({
      name: 'movieWatches',
      // By the primary key.
      text: `select ${WATCH_COLUMNS} from {history}.plays
             where user_id = $1 and title_id = $2 and removed_at is null
             order by rewatch_number nulls last, recorded_at, play_id`,
      values: [userId, movieId],
    });
    return { watches: rows.map(toWatch) };
  },
});
