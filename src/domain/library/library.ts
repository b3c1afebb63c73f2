import { accept, reject, type Decider, type Decision } from '../decider.js';
import type { LibraryCommand } from './commands.js';
import type { LibraryEvent } from './events.js';

/** A folder of media as its stream tells it. */
export type LibraryState =
  | { readonly status: 'absent' }
  | { readonly status: 'removed' }
  | {
      readonly status: 'live';
      readonly name: string;
      readonly kind: 'movies' | 'series';
      readonly paths: readonly string[];
    };

const unknownLibrary = {
  kind: 'not-found',
  code: 'library-not-found',
  message: 'There is no such library.',
} as const;

const decide = (command: LibraryCommand, state: LibraryState): Decision<LibraryEvent> => {
  const { libraryId } = command.context;
  if (command.type === 'CreateLibrary') {
    const { name, kind, paths } = command.data;
    if (state.status === 'absent') {
      return accept({
        type: 'LibraryCreated',
        data: { libraryId, name, kind, paths: paths ?? [] },
      });
    }
    return state.status === 'live' &&
      state.name === name &&
      state.kind === kind &&
      (paths === undefined || samePaths(paths, state.paths))
      ? accept()
      : reject({
          kind: 'already-exists',
          code: 'library-exists',
          message: 'There is, or was, a library with this id.',
          existingId: libraryId,
        });
  }
  if (state.status !== 'live') return reject(unknownLibrary);
  switch (command.type) {
    case 'RenameLibrary':
      return command.data.name === state.name
        ? accept()
        : accept({ type: 'LibraryRenamed', data: { libraryId, name: command.data.name } });
    case 'ChangeLibraryPaths':
      return samePaths(command.data.paths, state.paths)
        ? accept()
        : accept({ type: 'LibraryPathsChanged', data: { libraryId, paths: command.data.paths } });
    case 'RemoveLibrary':
      return accept({ type: 'LibraryRemoved', data: { libraryId } });
    default:
      return command satisfies never;
  }
};

const samePaths = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((path, nth) => path === b[nth]);

const evolve = (state: LibraryState, event: LibraryEvent): LibraryState => {
  switch (event.type) {
    case 'LibraryCreated': {
      const { name, kind, paths } = event.data;
      return { status: 'live', name, kind, paths };
    }
    case 'LibraryRenamed':
      return state.status === 'live' ? { ...state, name: event.data.name } : state;
    case 'LibraryPathsChanged':
      return state.status === 'live' ? { ...state, paths: event.data.paths } : state;
    case 'LibraryRemoved':
      return { status: 'removed' };
    default:
      return event satisfies never;
  }
};

export const libraryDecider: Decider<LibraryState, LibraryCommand, LibraryEvent> = {
  initialState: { status: 'absent' },
  decide,
  evolve,
};
