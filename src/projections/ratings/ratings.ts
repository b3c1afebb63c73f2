import type { TitleName } from '../../domain/viewing/events.js';
import { oneDecimal } from '../../domain/viewing/rating.js';
import { nameWithFacts, UNKNOWN_TITLE } from '../../domain/viewing/titleFacts.js';
import { VIEWING_STREAMS } from '../../domain/streams.js';
import { streamProjection, streamTable, type Sums } from '../engine/tables/streamProjection.js';
import { table, writeSums } from '../engine/tables/table.js';
import type { ProjectedEvent, ProjectionTransaction, RowWriter } from '../ports/projection.js';
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

/** The person's opinion of a title, be it that there is none any more. */
const after = (before: RatingRow | undefined, event: RatingEvent): RatingRow => {
  const { userId: user_id, titleId: title_id } = event.data;
  const row = before ?? { user_id, title_id, name: { title: UNKNOWN_TITLE }, ...NOTHING };
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

const rowsOf = (row: RatingRow | undefined): readonly RatingRow[] =>
  row && (row.rating !== null || row.reviewed_at !== null) ? [row] : [];

/** How all think of titles; the new value of a person replaces the old one. */
class TitleRatings implements Sums<{ readonly titleId: string }, RatingRow | undefined> {
  readonly #sums = new Map<string, { ratings: number; tenths: number }>();

  change(
    { titleId }: { readonly titleId: string },
    before: RatingRow | undefined,
    after: RatingRow | undefined,
  ): void {
    const [old, now] = [before?.rating ?? null, after?.rating ?? null];
    if (old === now) return;
    const sum = this.#sums.get(titleId) ?? { ratings: 0, tenths: 0 };
    sum.ratings += Number(now !== null) - Number(old !== null);
    sum.tenths += tenthsOf(now ?? 0) - tenthsOf(old ?? 0);
    this.#sums.set(titleId, sum);
  }

  add(tx: ProjectionTransaction): Promise<void> {
    return titleRatings.add(tx, this.#rows, 'ratings');
  }

  write(rows: RowWriter): void {
    writeSums(rows, titleRatings, this.#rows);
  }

  get #rows(): readonly TitleRatingRow[] {
    return [...this.#sums].map(([title_id, sum]) => ({ title_id, ...sum }));
  }
}

/** What people think of titles: each their own, and how all think. */
export const ratings = streamProjection<(typeof handles)[number], RatingRow | undefined>({
  name: 'ratings',
  version: 3,
  personal: ['review'],
  handles,
  prefixes: [VIEWING_STREAMS],
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
  initialState: undefined,
  evolve: after,
  rows: [streamTable(ratingsTable, rowsOf)],
  sums: { shared: true, begin: () => new TitleRatings() },
  changedBy: ({ data }) => [
    `ratings:${data.userId}`,
    `ratings:${data.userId}:${data.titleId}`,
    `movie-ratings:${data.titleId}`,
  ],
});
