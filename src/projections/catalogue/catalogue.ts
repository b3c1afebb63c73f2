import type { MovieDetails } from '../../domain/movie/events.js';
import { applied } from '../../domain/movie/movie.js';
import { searchText } from '../../domain/movie/searchText.js';
import { table } from '../engine/table.js';
import type { ProjectedEvent, Projection } from '../ports/projection.js';
import { tables } from './tables.js';

interface MovieRow {
  readonly movie_id: string;
  readonly status: 'live' | 'removed';
  readonly library_id: string | null;
  readonly title: string;
  readonly sort_key: string;
  readonly search_text: string;
  readonly release_date: string | null;
  readonly year: number | null;
  readonly runtime_minutes: number | null;
  readonly community_rating: number | null;
  readonly genres: readonly string[];
  readonly countries: readonly string[];
  readonly language: string | null;
  readonly details: MovieDetails;
  readonly locked: readonly string[];
  readonly revision: number;
  readonly added_at: Date;
  readonly updated_at: Date;
}

const moviesTable = table<MovieRow>('movies', ['movie_id'], {
  arrays: ['genres', 'countries', 'locked'],
});

const handles = [
  'MovieImported',
  'MovieMetadataRefreshed',
  'MovieDetailsEdited',
  'MovieFieldsUnlocked',
  'MovieRemoved',
  'MovieRestored',
] as const;

type MovieEvent = ProjectedEvent<(typeof handles)[number]>;

/** A letter may decompose into 18: what is longer would outgrow cursors and entries of an index. */
const SORTED_BY = 200;

const sortKeyOf = (text: string): string =>
  text.length <= SORTED_BY ? text : Array.from(text).slice(0, SORTED_BY).join('');

const titlesOf = ({ title, originalTitle, alternativeTitles = [] }: MovieDetails) => [
  title,
  ...(originalTitle === undefined ? [] : [originalTitle]),
  ...alternativeTitles,
];

/** What the catalogue can be listed, sorted, filtered and searched by, of a film's details. */
const columnsOf = (details: MovieDetails) => ({
  details,
  title: details.title,
  sort_key: sortKeyOf(searchText(details.sortTitle ?? details.title)),
  search_text: searchText([...new Set(titlesOf(details))].join(' ')),
  release_date: details.releaseDate ?? null,
  year: details.year ?? null,
  runtime_minutes: details.runtimeMinutes ?? null,
  community_rating: details.communityRating ?? null,
  genres: details.genres ?? [],
  countries: details.countries ?? [],
  language: details.originalLanguage ?? null,
});

const after = (row: MovieRow | undefined, event: MovieEvent): MovieRow | undefined => {
  const touched = { revision: Number(event.revision), updated_at: event.recordedAt };
  if (event.type === 'MovieImported') {
    const { movieId, libraryId, ...details } = event.data;
    return {
      movie_id: movieId,
      status: 'live',
      library_id: libraryId ?? null,
      locked: [],
      added_at: event.recordedAt,
      ...columnsOf(details),
      ...touched,
    };
  }
  if (!row) return undefined;
  switch (event.type) {
    case 'MovieMetadataRefreshed':
      return { ...row, ...columnsOf(applied(row.details, event.data.changes)), ...touched };
    case 'MovieDetailsEdited':
      return {
        ...row,
        ...columnsOf(applied(row.details, event.data.changes)),
        locked: [...new Set([...row.locked, ...event.data.locks])],
        ...touched,
      };
    case 'MovieFieldsUnlocked': {
      const unlocked: readonly string[] = event.data.fields;
      return {
        ...row,
        locked: row.locked.filter((field) => !unlocked.includes(field)),
        ...touched,
      };
    }
    case 'MovieRemoved':
      return { ...row, status: 'removed', ...touched };
    case 'MovieRestored':
      return { ...row, status: 'live', ...touched };
    default:
      return event satisfies never;
  }
};

/** The films: to get, list, sort, filter and search. */
export const catalogue: Projection<(typeof handles)[number]> = {
  name: 'catalogue',
  version: 3,
  handles,
  tables,
  project: async (events, tx) => {
    const movies = await moviesTable.load(
      tx,
      events.map(({ data }) => ({ movie_id: data.movieId })),
    );
    for (const event of events) {
      const row = after(movies.get({ movie_id: event.data.movieId }), event);
      if (row) movies.set(row);
    }
    await movies.flush(tx);
    return ['catalogue:list', ...events.map(({ data }) => `movie:${data.movieId}`)];
  },
};
