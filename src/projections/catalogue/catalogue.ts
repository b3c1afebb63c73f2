import { afterImageEvent, withoutCleared, type Artwork } from '../../domain/images/artwork.js';
import type { MovieChanges, MovieFacts, MovieField } from '../../domain/movie/events.js';
import { listsAfter, type MovieLists } from '../../domain/movie/longLists.js';
import type { MovieFile } from '../../domain/movie/files/movieFile.js';
import { applied } from '../../domain/movie/details/known.js';
import { gramsOf } from '../../domain/movie/search/grams.js';
import { namesOf } from '../../domain/movie/search/names.js';
import { lexemes } from '../../domain/movie/search/lexemes.js';
import { sortKeyOf } from '../../domain/movie/sortKey.js';
import { sortTitleOf } from '../../domain/movie/titles.js';
import { MOVIE_STREAMS } from '../../domain/streams.js';
import { allSums, streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';
import { creditsTable, rolesOf } from './credits.js';
import { listed } from './listed.js';
import { NameCounts } from './nameCounts.js';
import { PeopleNames } from './peopleNames.js';
import { tables } from './tables.js';
import { titleStarts } from './titleStarts.js';

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
  readonly details: MovieFacts;
  /** Videos, images and releases: asked for apart. */
  readonly lists: Omit<MovieLists, 'cast' | 'crew'>;
  readonly locked: readonly MovieField[];
  readonly artwork: Artwork;
  readonly file: MovieFile | null;
  readonly has_file: boolean;
  readonly revision: number;
  readonly added_at: Date;
  readonly updated_at: Date;
}

/** A film as its rows need it. */
interface Film {
  readonly row: MovieRow;
  readonly credits: Pick<MovieLists, 'cast' | 'crew'>;
}

const moviesTable = table<MovieRow>('movies', ['movie_id'], {
  arrays: ['names', 'genres', 'countries', 'locked'],
});

const handles = [
  'MovieImported',
  'MovieMetadataRefreshed',
  'MovieDetailsEdited',
  'MovieFieldsUnlocked',
  'MovieImageStored',
  'MovieImageRemoved',
  'MovieRemoved',
  'MovieRestored',
  'MovieFileAttached',
  'MovieFileDetached',
] as const;

type MovieEvent = ProjectedEvent<(typeof handles)[number]>;

/** What the catalogue can be listed, sorted, filtered and searched by, of a film's details. */
const columnsOf = (told: MovieFacts, locked: readonly string[]) => {
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
const withSortTitle = (details: MovieFacts): MovieFacts =>
  details.sortTitle === details.title ? { ...details, sortTitle: sortTitleOf(details) } : details;

const imported = (event: Extract<MovieEvent, { type: 'MovieImported' }>): Film => {
  const { movieId, libraryId, ...details } = event.data;
  const { cast, crew, videos, images, releases } = details;
  return {
    row: {
      movie_id: movieId,
      status: 'live',
      library_id: libraryId ?? null,
      locked: [],
      file: null,
      has_file: false,
      artwork: {},
      added_at: event.recordedAt,
      ...columnsOf(applied({ title: details.title }, details), []),
      lists: listsAfter({}, { videos, images, releases }),
      ...touched(event),
    },
    credits: listsAfter({}, { cast, crew }),
  };
};

const touched = (event: MovieEvent) => ({
  revision: Number(event.revision),
  updated_at: event.recordedAt,
});

const changed = (film: Film, changes: MovieChanges, locked: readonly MovieField[]): Film => {
  const { row, credits } = film;
  const { cast, crew, videos, images, releases } = changes;
  return {
    row: {
      ...row,
      ...columnsOf(applied(row.details, changes), locked),
      lists: listsAfter(row.lists, { videos, images, releases }),
      artwork: withoutCleared(row.artwork, changes),
      locked,
    },
    credits: listsAfter(credits, { cast, crew }),
  };
};

const evolved = (film: Film, event: Exclude<MovieEvent, { type: 'MovieImported' }>): Film => {
  const { row } = film;
  switch (event.type) {
    case 'MovieMetadataRefreshed':
      return changed(film, event.data.changes, row.locked);
    case 'MovieDetailsEdited':
      return changed(film, event.data.changes, [...new Set([...row.locked, ...event.data.locks])]);
    case 'MovieFieldsUnlocked': {
      const unlocked: readonly string[] = event.data.fields;
      return {
        ...film,
        row: { ...row, locked: row.locked.filter((field) => !unlocked.includes(field)) },
      };
    }
    case 'MovieImageStored':
    case 'MovieImageRemoved':
      return { ...film, row: { ...row, ...afterImageEvent(row, event) } };
    case 'MovieRemoved':
      return { ...film, row: { ...row, status: 'removed' } };
    case 'MovieRestored':
      return { ...film, row: { ...row, status: 'live' } };
    case 'MovieFileAttached': {
      const { movieId: _, ...file } = event.data;
      return { ...film, row: { ...row, file, has_file: true } };
    }
    case 'MovieFileDetached':
      return { ...film, row: { ...row, file: null, has_file: false } };
    default:
      return event satisfies never;
  }
};

const after = (film: Film | undefined, event: MovieEvent): Film | undefined => {
  if (event.type === 'MovieImported') return imported(event);
  if (!film) return undefined;
  const { row, ...rest } = evolved(film, event);
  return { ...rest, row: { ...row, ...touched(event) } };
};

/** The films: to get, list, sort, filter and search. */
export const catalogue = streamProjection<(typeof handles)[number], Film | undefined>({
  name: 'catalogue',
  version: 9,
  handles,
  prefixes: [MOVIE_STREAMS],
  tables,
  initialState: undefined,
  evolve: after,
  rows: [
    streamTable(moviesTable, (film) => (film ? [film.row] : [])),
    streamTable(creditsTable, (film) => (film ? rolesOf(film.row.movie_id, film.credits) : [])),
    listed,
    titleStarts,
  ],
  sums: {
    shared: true,
    begin: () => allSums<unknown, Film | undefined>([new NameCounts(), new PeopleNames()]),
  },
  changedBy: ({ data }) => ['catalogue:list', `movie:${data.movieId}`],
});
