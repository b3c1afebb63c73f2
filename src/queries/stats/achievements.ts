import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { achievements as all, progressOf } from '../../domain/achievements/achievements.js';
import { noCounters, type Counters } from '../../domain/achievements/counters.js';
import { Instant, Uuid } from '../../domain/schemas.js';
import { accountStream, viewingStreamsOf } from '../../domain/streams.js';
import { WatchedWhen } from '../../domain/viewing/events.js';
import { query } from '../query.js';

interface EarnedRow {
  readonly achievement: string;
  readonly earned_at: Date;
  readonly title_id: string;
  readonly play_id: string | null;
  readonly watched: WatchedWhen | null;
  readonly retroactive: boolean;
  readonly seen_at: Date | null;
}

const AchievementAnswer = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    description: Type.String(),
    progress: Type.Object(
      { current: Type.Integer({ minimum: 0 }), target: Type.Integer({ minimum: 1 }) },
      { additionalProperties: false },
    ),
    earned: Type.Union([
      Type.Object(
        {
          at: Instant,
          via: Type.Object(
            {
              movieId: Uuid,
              watchId: Type.Optional(Uuid),
              watched: Type.Optional(WatchedWhen),
            },
            { additionalProperties: false },
          ),
          retroactive: Type.Boolean({ description: 'Earned by an imported history.' }),
          seen: Type.Boolean(),
        },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
  },
  { additionalProperties: false },
);

/** All achievements with a person's progress; those earned say when and by what. */
export const achievements = query({
  name: 'achievements',
  parameters: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object(
    {
      achievements: Type.Array(AchievementAnswer),
      earned: Type.Integer({ minimum: 0 }),
      unseen: Type.Integer({ minimum: 0 }),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: ['achievements'],
  dependsOn: (_, { userId }) => [`achievements:${userId}`],
  sources: (_, { userId }) => [
    {
      readModel: 'achievements',
      streams: { prefixes: [viewingStreamsOf(userId)], names: [accountStream(userId)] },
    },
  ],
  read: async (_, { userId }, readModels) => {
    const [[person], earnedRows] = await Promise.all([
      readModels.query<{ counters: Counters }>({
        name: 'achievements.person',
        text: 'select counters from {achievements}.people where user_id = $1',
        values: [userId],
      }),
      readModels.query<EarnedRow>({
        name: 'achievements.earned',
        text: 'select * from {achievements}.earned where user_id = $1',
        values: [userId],
      }),
    ]);
    const counters = person?.counters ?? noCounters;
    const earned = new Map(earnedRows.map((row) => [row.achievement, row]));
    return {
      achievements: all.map((achievement) => {
        const { id, name, description, target } = achievement;
        const row = earned.get(id);
        return {
          id,
          name,
          description,
          progress: { current: progressOf(achievement, counters), target },
          earned: row ? toEarned(row) : null,
        };
      }),
      earned: earned.size,
      unseen: earnedRows.filter((row) => row.seen_at === null).length,
    };
  },
});

const toEarned = (row: EarnedRow) => ({
  at: row.earned_at.toISOString(),
  via: {
    movieId: row.title_id,
    ...(row.play_id === null ? {} : { watchId: row.play_id }),
    ...(row.watched === null ? {} : { watched: row.watched }),
  },
  retroactive: row.retroactive,
  seen: row.seen_at !== null,
});
