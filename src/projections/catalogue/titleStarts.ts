import { startsOf, type Place } from '../../domain/movie/search/starts.js';
import { streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';

interface StartRow {
  readonly start: string;
  readonly movie_id: string;
  readonly place: Place;
  readonly votes: number;
}

interface Film {
  readonly row: {
    readonly movie_id: string;
    readonly status: 'live' | 'removed';
    readonly names: readonly string[];
    readonly votes: number;
  };
}

const startsTable = table<StartRow>('title_starts', ['start', 'movie_id']);

const rowsOf = (film: Film | undefined): readonly StartRow[] => {
  if (film?.row.status !== 'live') return [];
  const { movie_id, votes, names } = film.row;
  return Array.from(startsOf(names), ([start, place]) => ({ start, movie_id, place, votes }));
};

/** The titles as they are completed while somebody types. */
export const titleStarts = streamTable(startsTable, rowsOf);
