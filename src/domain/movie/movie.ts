import { accept, reject, type Decider, type Decision } from '../decider.js';
import type { Rejection } from '../rejection.js';
import { isSameValue } from '../sameValue.js';
import {
  afterImageEvent,
  pathFields,
  UPLOAD,
  withoutCleared,
  type Artwork,
} from '../images/artwork.js';
import type { MovieCommand } from './commands.js';
import { completed, derived, isLocked } from './details/follows.js';
import { effective, knownAfter, withGenreNames, type KnownDetails } from './details/known.js';
import type { MovieChanges, MovieDetails, MovieEvent, MovieField } from './events.js';
import { isDetached, isStill, type MovieFile } from './files/movieFile.js';
import { tidy } from './titles.js';

/** A film as its stream tells it. */
export type MovieState =
  | { readonly status: 'absent' }
  | (KnownDetails & {
      readonly status: 'live' | 'removed';
      readonly movieId: string;
      readonly libraryId?: string;
      /** Fields that a person edited: metadata never overwrites them. */
      readonly locked: readonly MovieField[];
      readonly file?: MovieFile;
      readonly artwork: Artwork;
    });

type KnownMovie = Exclude<MovieState, { status: 'absent' }>;

const decide = (command: MovieCommand, state: MovieState): Decision<MovieEvent> => {
  const { movieId } = command.context;
  switch (command.type) {
    case 'ImportMovie':
      return importMovie(command, state);
    case 'EditMovieDetails': {
      if (state.status !== 'live') return reject(missing(state));
      const changes = effective(completed(command.data.changes, state), state);
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
    case 'StoreMovieImage':
      if (state.status !== 'live') return reject(missing(state));
      return storeImage(command.data, state);
    case 'RemoveMovieImage': {
      if (state.status !== 'live') return reject(missing(state));
      const { kind } = command.data;
      const field = pathFields[kind];
      const isNone = state.artwork[kind] === undefined && state.details[field] === undefined;
      return isNone && state.locked.includes(field)
        ? accept()
        : accept({ type: 'MovieImageRemoved', data: { movieId, kind } });
    }
    case 'RemoveMovie':
      if (state.status !== 'live') return reject(missing(state));
      return accept({ type: 'MovieRemoved', data: { movieId } });
    case 'RestoreMovie':
      if (state.status === 'absent') return reject(missing(state));
      return state.status === 'live'
        ? accept()
        : accept({ type: 'MovieRestored', data: { movieId } });
    case 'AttachFile': {
      if (state.status !== 'live') return reject(missing(state));
      const { movieId: _, replaces, ...file } = command.data;
      const isOutrun = replaces !== undefined && !isStill(state.file, file.source, replaces);
      return isOutrun || isSameValue(file, state.file)
        ? accept()
        : accept({ type: 'MovieFileAttached', data: { movieId, ...file } });
    }
    case 'DetachFile': {
      if (state.status === 'absent') return reject(missing(state));
      const { movieId: _, ...gone } = command.data;
      if (!isDetached(state.file, gone)) return accept();
      const { fileId } = state.file;
      return accept({
        type: 'MovieFileDetached',
        data: { movieId, ...gone, ...(fileId === undefined ? {} : { fileId }) },
      });
    }
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
  const changes = effective(completed(unlocked, state), state);
  return Object.keys(changes).length === 0
    ? accept()
    : accept({ type: 'MovieMetadataRefreshed', data: { movieId, source, changes } });
};

/** The same picture again changes nothing, nor does one of a provider's that is no longer the film's. */
const storeImage = (
  data: Extract<MovieCommand, { type: 'StoreMovieImage' }>['data'],
  { artwork, details }: KnownMovie,
): Decision<MovieEvent> => {
  const { kind, source, hash } = data;
  const there = artwork[kind];
  const isThere = there?.hash === hash && there.source === source;
  const isWanted = source === UPLOAD || details[pathFields[kind]] === source;
  return isWanted && !isThere ? accept({ type: 'MovieImageStored', data }) : accept();
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
        ...knownAfter({ details: { title: details.title }, lists: {}, actors: [] }, details),
        locked: [],
        artwork: {},
      };
    }
    case 'MovieMetadataRefreshed':
      return known(state, (movie) => ({
        ...movie,
        ...knownAfter(movie, event.data.changes),
        artwork: withoutCleared(movie.artwork, event.data.changes),
      }));
    case 'MovieDetailsEdited':
      return known(state, (movie) => ({
        ...movie,
        ...knownAfter(movie, event.data.changes),
        artwork: withoutCleared(movie.artwork, event.data.changes),
        locked: [...movie.locked, ...event.data.locks],
      }));
    case 'MovieFieldsUnlocked':
      return known(state, (movie) => ({
        ...movie,
        locked: movie.locked.filter((field) => !event.data.fields.includes(field)),
      }));
    case 'MovieImageStored':
    case 'MovieImageRemoved':
      return known(state, (movie) => ({ ...movie, ...afterImageEvent(movie, event) }));
    case 'MovieRemoved':
      return known(state, (movie) => ({ ...movie, status: 'removed' }));
    case 'MovieRestored':
      return known(state, (movie) => ({ ...movie, status: 'live' }));
    case 'MovieFileAttached': {
      const { movieId: _, ...file } = event.data;
      return known(state, (movie) => ({ ...movie, file }));
    }
    case 'MovieFileDetached':
      return known(state, ({ file: _, ...movie }) => movie);
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
