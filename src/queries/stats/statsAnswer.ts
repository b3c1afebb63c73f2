import { Type, type Static } from 'typebox';
import { LocalDate } from '../../domain/schemas.js';

/** What a heatmap of all time shows at most: two years of days. */
export const HEATMAP_DAYS = 731;

const count = Type.Integer({ minimum: 0 });
const Tally = Type.Object(
  { name: Type.String(), plays: count, minutes: count },
  { additionalProperties: false },
);
const Day = Type.Object(
  { date: LocalDate, plays: count, minutes: count },
  { additionalProperties: false },
);

/** What a person's watching adds up to in a period. */
export const StatsAnswer = Type.Object(
  {
    period: Type.String({ description: '`all`, `2026`, `2026-02` or `2026-02-01/2026-02-28`.' }),
    moviesWatched: Type.Integer({ minimum: 0, description: 'Distinct films.' }),
    moviePlays: Type.Integer({ minimum: 0, description: 'Films with rewatches.' }),
    minutesWatched: count,
    minutesEstimated: Type.Integer({
      minimum: 0,
      description: 'The part of the minutes that rests on a fallback running time.',
    }),
    undatedPlays: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Plays without a date; in `all` only.' }),
    ),
    genreBreakdown: Type.Array(Tally),
    decades: Type.Array(Tally),
    countries: Type.Array(Tally),
    languages: Type.Array(Tally),
    directors: Type.Array(Tally),
    actors: Type.Array(Tally),
    studios: Type.Array(Tally),
    weekdays: Type.Array(count, {
      minItems: 7,
      maxItems: 7,
      description: 'Plays on Mondays to Sundays.',
    }),
    hours: Type.Array(count, {
      minItems: 24,
      maxItems: 24,
      description: 'Plays that began in each local hour.',
    }),
    monthlyActivity: Type.Optional(
      Type.Array(
        Type.Object(
          { month: Type.String(), movies: count, plays: count, minutes: count },
          { additionalProperties: false },
        ),
        { description: 'The last 24 calendar months, those without a play too; in `all` only.' },
      ),
    ),
    days: Type.Array(Day, {
      description: `Days with a play: what a heatmap shows. In \`all\` the newest ${HEATMAP_DAYS}; ask for years or a range for others.`,
    }),
    daysComplete: Type.Boolean({ description: 'Whether `days` has all of the period.' }),
    longestBinge: Type.Union([Day, Type.Null()], { description: 'The day with most minutes.' }),
    firstWatched: Type.Union([LocalDate, Type.Null()]),
    lastWatched: Type.Union([LocalDate, Type.Null()]),
    ratings: Type.Object(
      {
        count,
        mean: Type.Union([Type.Number(), Type.Null()]),
        distribution: Type.Array(
          Type.Object({ rating: Type.Number(), count }, { additionalProperties: false }),
        ),
      },
      { additionalProperties: false, description: 'Of all time, whatever the period.' },
    ),
  },
  { additionalProperties: false },
);
export type StatsAnswer = Static<typeof StatsAnswer>;
