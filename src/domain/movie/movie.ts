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
import { sortTitleOf, tidy } from './titles.js';

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
        : accept(edited(movieId, changes, locks, state));
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
  const details: MovieDetails = { ...given, title: tidy(given.title) };
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
    Object.entries(offered).filter(([field]) => !state.locked.includes(field as MovieField)),
  ) as MovieChanges;
  const changes = effective(completed(unlocked, state), state.details);
  return Object.keys(changes).length === 0
    ? accept()
    : accept({ type: 'MovieMetadataRefreshed', data: { movieId, source, changes } });
};

/** An edit that only locks what has the same value already still says which fields it means. */
const edited = (
  movieId: string,
  changes: MovieChanges,
  locks: readonly MovieField[],
  state: KnownMovie,
): MovieEvent => ({
  type: 'MovieDetailsEdited',
  data: {
    movieId,
    changes: Object.keys(changes).length > 0 ? changes : { title: state.details.title },
    locks: [...locks],
  },
});

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

/** Changes with what follows from them: a new title's sort title, a new release date's year. */
const completed = (changes: MovieChanges, { details, locked }: KnownMovie): MovieChanges => {
  const title = changes.title === undefined ? undefined : tidy(changes.title);
  const follows = (field: MovieField) => changes[field] === undefined && !locked.includes(field);
  const year = yearOfRelease(changes.releaseDate);
  return {
    ...changes,
    ...(title === undefined ? {} : { title }),
    ...(title !== undefined && follows('sortTitle')
      ? { sortTitle: sortTitleOf({ ...applied(details, changes), title }) }
      : {}),
    ...(year !== undefined && follows('year') ? { year } : {}),
  };
};

/** The changes that change something. */
const effective = (changes: MovieChanges, details: MovieDetails): MovieChanges =>
  Object.fromEntries(
    Object.entries(changes).filter(
      ([field, value]) => !same(value ?? undefined, details[field as MovieField]),
    ),
  );

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** Details after changes: `null` clears. */
export const applied = (details: MovieDetails, changes: MovieChanges): MovieDetails => {
  const merged: Record<string, unknown> = { ...details, ...changes };
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
        details,
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
