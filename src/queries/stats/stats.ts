import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { LocalDate } from '../../domain/schemas.js';
import { viewingStreamsOf } from '../../domain/streams.js';
import { InvalidParameter } from '../serving/cursor.js';
import type { ReadModels } from '../ports/readModels.js';
import { query } from '../query.js';
import { periodStats, type PeriodSums } from './statsOfPeriod.js';
import { StatsAnswer } from './statsAnswer.js';
import { rangeStats } from './statsOfRange.js';
import { todayOf } from '../serving/today.js';

const Parameters = Type.Object(
  {
    period: Type.Enum(['all', 'year', 'month', 'range'], { default: 'all' }),
    year: Type.Optional(Type.Integer({ minimum: 1888, maximum: 9999 })),
    month: Type.Optional(Type.Integer({ minimum: 1, maximum: 12 })),
    from: Type.Optional(LocalDate),
    to: Type.Optional(LocalDate),
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  },
  { additionalProperties: false },
);

/** What a person's watching adds up to in a period. */
export const stats = query({
  name: 'stats',
  parameters: Parameters,
  answer: StatsAnswer,
  requires: mayRead,
  audience: 'personal',
  readModels: ['stats'],
  dependsOn: (_, { userId }) => [`stats:${userId}`],
  variesBy: (asker) => todayOf(asker).slice(0, 7),
  sources: (_, { userId }) => [
    {
      readModel: 'stats',
      streams: { prefixes: [viewingStreamsOf(userId)] },
    },
  ],
  read: async (parameters, asker, readModels) => {
    const { userId } = asker;
    const period = periodOf(parameters);
    const sums: PeriodSums =
      typeof period === 'string'
        ? await periodStats(readModels, userId, period, todayOf(asker), parameters.limit)
        : await rangeStats(readModels, userId, period, parameters.limit);
    return {
      period: typeof period === 'string' ? period : `${period.from}/${period.to}`,
      ...sums,
      ratings: await ratingsOf(userId, readModels),
    };
  },
});

/** The parameters that say which year, month or range; what a period does not take would be ignored in silence. */
const TAKES = {
  all: [],
  year: ['year'],
  month: ['year', 'month'],
  range: ['from', 'to'],
} as const satisfies Record<Static<typeof Parameters>['period'], readonly string[]>;

/** @throws {InvalidParameter} when what the period needs is missing or turned around, or what it does not is there */
const periodOf = ({
  period,
  year,
  month,
  from,
  to,
}: Static<typeof Parameters>): string | { readonly from: string; readonly to: string } => {
  for (const [field, value] of Object.entries({ year, month, from, to })) {
    const taken: readonly string[] = TAKES[period];
    if (value !== undefined && !taken.includes(field)) {
      throw new InvalidParameter(field, `cannot be given for the period "${period}"`);
    }
  }
  const need = <T>(value: T | undefined, field: string): T => {
    if (value === undefined) {
      throw new InvalidParameter(field, `is required for the period "${period}"`);
    }
    return value;
  };
  switch (period) {
    case 'all':
      return 'all';
    case 'year':
      return String(need(year, 'year'));
    case 'month':
      return `${need(year, 'year')}-${String(need(month, 'month')).padStart(2, '0')}`;
    case 'range': {
      const range = { from: need(from, 'from'), to: need(to, 'to') };
      if (range.from > range.to) throw new InvalidParameter('to', 'is before "from"');
      return range;
    }
    default:
      return period satisfies never;
  }
};

const ratingsOf = async (
  userId: string,
  readModels: ReadModels,
): Promise<StatsAnswer['ratings']> => {
  const rows = await readModels.query<{ name: string; plays: number }>({
    name: 'stats.ratings',
    text: `select name, plays from {stats}.tallies
           where user_id = $1 and period = 'all' and kind = 'rating'`,
    values: [userId],
  });
  const distribution = rows
    .map(({ name, plays }) => ({ rating: Number(name), count: plays }))
    .sort((a, b) => a.rating - b.rating);
  const given = distribution.reduce((sum, bucket) => sum + bucket.count, 0);
  // In tenths: whole numbers add up without error.
  const tenths = distribution.reduce(
    (sum, { rating, count: n }) => sum + Math.round(rating * 10) * n,
    0,
  );
  return {
    count: given,
    mean: given === 0 ? null : Math.round(tenths / given) / 10,
    distribution,
  };
};
