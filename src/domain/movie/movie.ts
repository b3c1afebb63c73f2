import { accept, reject, type Decider, type Decision } from '../decider.js';
import type { Rejection } from '../rejection.js';
import type { MovieCommand } from './commands.js';
import {
  movieDetails,
  type MovieChanges,
  type MovieDetails,
  type MovieEvent,
  type MovieField,
} from './events.js';
import { genreNames } from './genres.js';
import { followsTitle, sortTitleOf, tidy } from './titles.js';

/** A film as its stream tells it. */
export type MovieState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'live' | 'removed';
      readonly movieId: string;
      readonly libraryId?: string;
      readonly details: MovieDetails;
      /** Fields that a person edited: metadata never overwrites them. */
      readonly locked: readonly MovieField[];
    };

type KnownMovie = Exclude<MovieState, { status: 'absent' }>;

const fields = Object.keys(movieDetails) as readonly MovieField[];

const decide = (command: MovieCommand, state: MovieState): Decision<MovieEvent> => {
  const { movieId } = command.context;
  switch (command.type) {
    case 'ImportMovie':
      return importMovie(command, state);
    case 'EditMovieDetails': {
      if (state.status !== 'live') return reject(missing(state));
      const changes = effective(completed(command.data.changes, state), state.details);
      const named = Object.keys(command.data.changes) as MovieField[];
      const locks = named.filter((field) => !state.locked.includes(field));
      return Object.keys(changes).length === 0 && locks.length === 0
        ? accept()
        : accept({ type: 'MovieDetailsEdited', data: { movieId, changes, locks } });
    }
    case 'RefreshMovieMetadata':
      if (state.status !== 'live') return reject(missing(state));
      return refresh(movieId, command.data.source, command.data.changes, state);
    case 'UnlockFields': {
      if (state.status !== 'live') return reject(missing(state));
      const locked = command.data.fields.filter((field) => state.locked.includes(field));
      return locked.length === 0
        ? accept()
        : accept({ type: 'MovieFieldsUnlocked', data: { movieId, fields: locked } });
    }
    case 'RemoveMovie':
      if (state.status !== 'live') return reject(missing(state));
      return accept({ type: 'MovieRemoved', data: { movieId } });
    case 'RestoreMovie':
      if (state.status === 'absent') return reject(missing(state));
      return state.status === 'live'
        ? accept()
        : accept({ type: 'MovieRestored', data: { movieId } });
    default:
      return command satisfies never;
  }
};

/**
 * A film that is there already is not imported again: what the import knows better is a refresh, which
 * leaves edited fields alone.
 */
const importMovie = (
  { data, context: { movieId } }: Extract<MovieCommand, { type: 'ImportMovie' }>,
  state: MovieState,
): Decision<MovieEvent> => {
  const { movieId: _, libraryId, ...given } = data;
  if (state.status === 'removed') {
    return reject({
      kind: 'conflict',
      code: 'movie-removed',
      message: 'This film was removed. Restore it instead of importing it again.',
    });
  }
  if (state.status === 'live') return refresh(movieId, 'import', given, state);
  const details = withGenreNames<MovieDetails>({ ...given, title: tidy(given.title) });
  return accept({
    type: 'MovieImported',
    data: {
      movieId,
      ...(libraryId === undefined ? {} : { libraryId }),
      ...details,
      ...derived(details),
    },
  });
};

const refresh = (
  movieId: string,
  source: string,
  offered: MovieChanges,
  state: KnownMovie,
): Decision<MovieEvent> => {
  const unlocked = Object.fromEntries(
    Object.entries(offered).filter(([field]) => !isLocked(field as MovieField, state)),
  ) as MovieChanges;
  const changes = effective(completed(unlocked, state), state.details);
  return Object.keys(changes).length === 0
    ? accept()
    : accept({ type: 'MovieMetadataRefreshed', data: { movieId, source, changes } });
};

/** What follows from other fields where nobody said otherwise. */
const derived = (details: MovieDetails): Pick<MovieDetails, 'sortTitle' | 'year'> => {
  const year = details.year ?? yearOfRelease(details.releaseDate);
  return {
    sortTitle: details.sortTitle ?? sortTitleOf(details),
    ...(year === undefined ? {} : { year }),
  };
};

const yearOfRelease = (releaseDate: string | null | undefined): number | undefined => {
  const year = Number(releaseDate?.slice(0, 4));
  return year >= 1870 && year <= 2200 ? year : undefined;
};

/** The fields that follow from others where nobody says otherwise. */
const FOLLOWS: Readonly<Partial<Record<MovieField, MovieField>>> = {
  sortTitle: 'title',
  year: 'releaseDate',
};

/** What follows from a locked field is as locked as that: a refresh would undo half of the edit. */
const isLocked = (field: MovieField, { locked }: KnownMovie): boolean => {
  const from = FOLLOWS[field];
  return locked.includes(field) || (from !== undefined && locked.includes(from));
};

/** Changes with what follows from them: a new title's sort title, a new release date's year. */
const completed = (changes: MovieChanges, movie: KnownMovie): MovieChanges => {
  const told = withGenreNames<MovieChanges>(
    changes.title === undefined ? changes : { ...changes, title: tidy(changes.title) },
  );
  const after = applied(movie.details, told);
  const year = yearOfRelease(after.releaseDate);
  return {
    ...told,
    ...(sortTitleFollows(told, movie) ? { sortTitle: sortTitleOf(after) } : {}),
    ...(year !== undefined && yearFollows(told, movie) ? { year } : {}),
  };
};

/**
 * A cleared sort title follows again; one that somebody chose does until there is another title; and one with its
 * article moved behind until more is known of the language that the title is in.
 */
const sortTitleFollows = (told: MovieChanges, { details, locked }: KnownMovie): boolean => {
  if (told.sortTitle !== undefined || locked.includes('sortTitle')) return told.sortTitle === null;
  const changed = (field: 'title' | 'originalTitle' | 'originalLanguage'): boolean =>
    told[field] !== undefined && (told[field] ?? undefined) !== details[field];
  if (details.sortTitle === undefined || details.sortTitle === details.title) return true;
  return (
    changed('title') ||
    (followsTitle(details.sortTitle, details.title) &&
      (changed('originalTitle') || changed('originalLanguage')))
  );
};

/** A cleared year follows again; one that somebody chose does until there is another release date. */
const yearFollows = ({ year, releaseDate }: MovieChanges, movie: KnownMovie): boolean => {
  if (year !== undefined || movie.locked.includes('year')) return year === null;
  return releaseDate != null && releaseDate !== movie.details.releaseDate;
};

/** The changes that change something. */
const effective = (changes: MovieChanges, details: MovieDetails): MovieChanges =>
  Object.fromEntries(
    Object.entries(changes).filter(
      ([field, value]) => !same(value ?? undefined, details[field as MovieField]),
    ),
  );

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && inOrder(a) === inOrder(b));

/** As text that does not depend on the order in which the fields of an object were written. */
const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** Under the names that genres have, be they told or stored otherwise. */
export const withGenreNames = <Told extends { readonly genres?: readonly string[] | null }>(
  told: Told,
): Told => (told.genres ? { ...told, genres: genreNames(told.genres) } : told);

/** Details after changes: `null` clears. */
export const applied = (details: MovieDetails, changes: MovieChanges): MovieDetails => {
  const merged: Record<string, unknown> = { ...details, ...withGenreNames(changes) };
  return {
    title: changes.title ?? details.title,
    ...Object.fromEntries(
      fields
        .filter(
          (field) => field !== 'title' && merged[field] !== undefined && merged[field] !== null,
        )
        .map((field) => [field, merged[field]]),
    ),
  };
};

const missing = (state: MovieState): Rejection =>
  state.status === 'removed'
    ? { kind: 'not-found', code: 'movie-removed', message: 'This film was removed.' }
    : { kind: 'not-found', code: 'movie-not-found', message: 'There is no such film.' };

const evolve = (state: MovieState, event: MovieEvent): MovieState => {
  switch (event.type) {
    case 'MovieImported': {
      const { movieId, libraryId, ...details } = event.data;
      return {
        status: 'live',
        movieId,
        ...(libraryId === undefined ? {} : { libraryId }),
        details: withGenreNames(details),
        locked: [],
      };
    }
    case 'MovieMetadataRefreshed':
      return known(state, (movie) => ({
        ...movie,
        details: applied(movie.details, event.data.changes),
      }));
    case 'MovieDetailsEdited':
      return known(state, (movie) => ({
        ...movie,
        details: applied(movie.details, event.data.changes),
        locked: [...movie.locked, ...event.data.locks],
      }));
    case 'MovieFieldsUnlocked':
      return known(state, (movie) => ({
        ...movie,
        locked: movie.locked.filter((field) => !event.data.fields.includes(field)),
      }));
    case 'MovieRemoved':
      return known(state, (movie) => ({ ...movie, status: 'removed' }));
    case 'MovieRestored':
      return known(state, (movie) => ({ ...movie, status: 'live' }));
    default:
      return event satisfies never;
  }
};

/** Only an import begins a film's stream. */
const known = (state: MovieState, change: (movie: KnownMovie) => KnownMovie): MovieState =>
  state.status === 'absent' ? state : change(state);

export const movieDecider: Decider<MovieState, MovieCommand, MovieEvent> = {
  initialState: { status: 'absent' },
  decide,
  evolve,
};
