import type { TitleName } from '../../domain/viewing/events.js';
import { oneDecimal } from '../../domain/viewing/rating.js';
import { nameWithFacts, UNKNOWN_TITLE } from '../../domain/viewing/titleFacts.js';
import { table } from '../engine/table.js';
import type { ProjectedEvent, Projection } from '../ports/projection.js';
import { saidAt } from '../saidAt.js';

interface RatingRow {
  readonly user_id: string;
  readonly title_id: string;
  readonly name: TitleName;
  /** Null when there is only a review. */
  readonly rating: number | null;
  readonly rated_at: Date | null;
  readonly review: string | null;
  readonly spoiler: boolean;
  readonly reviewed_at: Date | null;
}

interface TitleRatingRow {
  readonly title_id: string;
  readonly ratings: number;
  /** In tenths: whole numbers add up without error. */
  readonly tenths: number;
}

const ratingsTable = table<RatingRow>('ratings', ['user_id', 'title_id']);
const titleRatings = table<TitleRatingRow>('title_ratings', ['title_id']);

const handles = [
  ...(['TitleRated', 'RatingRemoved', 'ReviewWritten', 'ReviewRemoved'] as const),
  ...(['TitleFactsLearnt', 'ViewingMoved'] as const),
] as const;
type RatingEvent = ProjectedEvent<(typeof handles)[number]>;

const tenthsOf = (rating: number): number => Math.round(rating * 10);

const NOTHING = {
  ...{ rating: null, rated_at: null },
  ...{ review: null, spoiler: false, reviewed_at: null },
};

const after = (row: RatingRow, event: RatingEvent): RatingRow => {
  switch (event.type) {
    case 'TitleRated':
      return {
        ...row,
        name: event.data.name,
        rating: oneDecimal(event.data.rating),
        rated_at: saidAt(event),
      };
    case 'RatingRemoved':
      return { ...row, rating: null, rated_at: null };
    case 'ReviewWritten': {
      const { review, spoiler, name } = event.data;
      return { ...row, name, review, spoiler, reviewed_at: saidAt(event) };
    }
    case 'ReviewRemoved':
      return { ...row, review: null, spoiler: false, reviewed_at: null };
    case 'ViewingMoved':
      return { ...row, ...NOTHING };
    case 'TitleFactsLearnt':
      return { ...row, name: nameWithFacts(row.name, event.data.snapshot) };
    default:
      return event satisfies never;
  }
};

/** What people think of titles: each their own, and how all think. */
export const ratings: Projection<(typeof handles)[number]> = {
  name: 'ratings',
  version: 3,
  personal: ['review'],
  handles,
  tables: `
    create table ratings (
      user_id uuid not null,
      title_id uuid not null,
      name json not null,
      rating numeric(3, 1),
      rated_at timestamptz(3),
      review text,
      spoiler boolean not null,
      reviewed_at timestamptz(3),
      primary key (user_id, title_id)
    );
    create index ratings_by_age on ratings (user_id, rated_at, title_id) where rating is not null;
    create index ratings_by_value on ratings (user_id, rating, title_id) where rating is not null;

    create table title_ratings (
      title_id uuid primary key,
      ratings integer not null,
      tenths integer not null
    );
  `,
  project: async (events, tx) => {
    const rows = await ratingsTable.load(
      tx,
      events.map(({ data }) => ({ user_id: data.userId, title_id: data.titleId })),
    );
    const sums = new Map<string, { ratings: number; tenths: number }>();
    for (const event of events) {
      const key = { user_id: event.data.userId, title_id: event.data.titleId };
      const old = rows.get(key) ?? {
        ...key,
        name: { title: UNKNOWN_TITLE },
        ...NOTHING,
      };
      const row = after(old, event);
      if (row.rating === null && row.reviewed_at === null) rows.delete(key);
      else rows.set(row);
      const sum = sums.get(key.title_id) ?? { ratings: 0, tenths: 0 };
      // The new value replaces the old one: one current value per person and title.
      sum.ratings += Number(row.rating !== null) - Number(old.rating !== null);
      sum.tenths += tenthsOf(row.rating ?? 0) - tenthsOf(old.rating ?? 0);
      sums.set(key.title_id, sum);
    }
    await rows.flush(tx);
    await titleRatings.add(
      tx,
      [...sums].map(([title_id, sum]) => ({ title_id, ...sum })),
      'ratings',
    );
    return events.flatMap(({ data }) => [
      `ratings:${data.userId}`,
      `ratings:${data.userId}:${data.titleId}`,
      `movie-ratings:${data.titleId}`,
    ]);
  },
};
