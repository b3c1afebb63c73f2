import type { MovieDetails } from '../../domain/movie/events.js';
import { applied, withGenreNames } from '../../domain/movie/movie.js';
import { gramsOf } from '../../domain/movie/search/grams.js';
import { namesOf } from '../../domain/movie/search/names.js';
import { lexemes } from '../../domain/movie/search/lexemes.js';
import { sortKeyOf } from '../../domain/movie/sortKey.js';
import { sortTitleOf } from '../../domain/movie/titles.js';
import { MOVIE_STREAMS } from '../../domain/streams.js';
import { streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';
import { tables } from './tables.js';

interface MovieRow {
  readonly movie_id: string;
  readonly status: 'live' | 'removed';
  readonly library_id: string | null;
  readonly title: string;
  readonly sort_key: string;
  readonly names: readonly string[];
  readonly grams: string;
  readonly votes: number;
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
  arrays: ['names', 'genres', 'countries', 'locked'],
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

/** What the catalogue can be listed, sorted, filtered and searched by, of a film's details. */
const columnsOf = (told: MovieDetails, locked: readonly string[]) => {
  const details = locked.includes('sortTitle') ? told : withSortTitle(told);
  const names = namesOf(details);
  return {
    details,
    title: details.title,
    sort_key: sortKeyOf(details),
    names,
    grams: lexemes(
      names.flatMap((name) => [...gramsOf(name)]),
      ' ',
    ),
    votes: details.voteCount ?? 0,
    release_date: details.releaseDate ?? null,
    year: details.year ?? null,
    runtime_minutes: details.runtimeMinutes ?? null,
    community_rating: details.communityRating ?? null,
    genres: details.genres ?? [],
    countries: details.countries ?? [],
    language: details.originalLanguage ?? null,
  };
};

/** A sort title that only repeats the title may have been made before its article was known for one. */
const withSortTitle = (details: MovieDetails): MovieDetails =>
  details.sortTitle === details.title ? { ...details, sortTitle: sortTitleOf(details) } : details;

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
      ...columnsOf(withGenreNames(details), []),
      ...touched,
    };
  }
  if (!row) return undefined;
  switch (event.type) {
    case 'MovieMetadataRefreshed':
      return {
        ...row,
        ...columnsOf(applied(row.details, event.data.changes), row.locked),
        ...touched,
      };
    case 'MovieDetailsEdited': {
      const locked = [...new Set([...row.locked, ...event.data.locks])];
      return {
        ...row,
        ...columnsOf(applied(row.details, event.data.changes), locked),
        locked,
        ...touched,
      };
    }
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
export const catalogue = streamProjection<(typeof handles)[number], MovieRow | undefined>({
  name: 'catalogue',
  version: 6,
  handles,
  prefixes: [MOVIE_STREAMS],
  tables,
  initialState: undefined,
  evolve: after,
  rows: [streamTable(moviesTable, (row) => (row ? [row] : []))],
  changedBy: ({ data }) => ['catalogue:list', `movie:${data.movieId}`],
});
