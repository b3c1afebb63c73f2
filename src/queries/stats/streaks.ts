import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { LocalDate } from '../../domain/schemas.js';
import { viewingStreamsOf } from '../../domain/streams.js';
import { runsOf } from '../../domain/streaks/runs.js';
import { streaksAsOf } from '../../domain/streaks/streaks.js';
import { query } from '../query.js';
import { todayOf } from '../serving/today.js';

const date = Type.Union([LocalDate, Type.Null()]);
const streak = {
  current: Type.Integer({ minimum: 0 }),
  currentStart: date,
  longest: Type.Integer({ minimum: 0 }),
  longestStart: date,
  longestEnd: date,
};

/** Days (and weeks) in a row with a watch; what is current depends on the person's today. */
export const streaks = query({
  name: 'streaks',
  parameters: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object(
    {
      today: LocalDate,
      activeToday: Type.Boolean(),
      ...streak,
      weekly: Type.Object(streak, {
        additionalProperties: false,
        description: 'In ISO weeks, named by their Mondays.',
      }),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: ['streaks'],
  dependsOn: (_, { userId }) => [`streaks:${userId}`],
  variesBy: todayOf,
  sources: (_, { userId }) => [
    {
      readModel: 'streaks',
      streams: { prefixes: [viewingStreamsOf(userId)] },
    },
  ],
  read: async (_, asker, readModels) => {
    const rows = await readModels.query<{ day: number }>({
      name: 'streaks',
      text: 'select day from {streaks}.days where user_id = $1 order by day',
      values: [asker.userId],
    });
    const today = todayOf(asker);
    return { today, ...streaksAsOf(runsOf(rows.map(({ day }) => day)), today) };
  },
});
