import type { MovieFacts } from '../../domain/movie/events.js';
import { byNameKey } from '../../domain/movie/search/nameKey.js';
import { streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';

/** What lists show and filter of a film that is not removed; names of studios and keywords by their keys. */
interface ListedRow {
  readonly movie_id: string;
  readonly library_id: string | null;
  readonly collection_id: string | null;
  readonly added_at: Date;
  readonly sort_key: string;
  readonly votes: number;
  readonly year: number | null;
  readonly release_date: string | null;
  readonly runtime_minutes: number | null;
  readonly community_rating: number | null;
  readonly language: string | null;
  readonly genres: readonly string[];
  readonly countries: readonly string[];
  readonly has_file: boolean;
  readonly studio_keys: readonly string[];
  readonly keyword_keys: readonly string[];
}

/** A film of the catalogue. */
interface Film {
  readonly row: Omit<ListedRow, 'collection_id' | 'studio_keys' | 'keyword_keys'> & {
    readonly status: 'live' | 'removed';
    readonly details: Pick<MovieFacts, 'studios' | 'keywords' | 'collectionId'>;
  };
}

const listedTable = table<ListedRow>('listed', ['movie_id'], {
  arrays: ['genres', 'countries', 'studio_keys', 'keyword_keys'],
});

const rowsOf = (film: Film | undefined): readonly ListedRow[] => {
  if (film?.row.status !== 'live') return [];
  const { movie_id, library_id, added_at, sort_key, votes, year, details } = film.row;
  const { release_date, runtime_minutes, community_rating, language, genres, countries } = film.row;
  return [
    {
      ...{ movie_id, library_id, added_at, sort_key, votes, year },
      ...{ release_date, runtime_minutes, community_rating, language, genres, countries },
      has_file: film.row.has_file,
      collection_id: details.collectionId ?? null,
      studio_keys: [...byNameKey(details.studios).keys()],
      keyword_keys: [...byNameKey(details.keywords).keys()],
    },
  ];
};

/** The films as lists read them. */
export const listed = streamTable(listedTable, rowsOf);
