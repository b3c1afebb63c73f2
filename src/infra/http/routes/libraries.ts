import { libraries } from '../../../queries/catalogue/libraries.js';
import { commandRoute, queryRoute, type Route } from '../route.js';

const tag = 'Libraries';

/** Folders of media. */
export const libraryRoutes: readonly Route[] = [
  queryRoute({
    path: '/libraries',
    operationId: 'listLibraries',
    summary: 'Libraries',
    tag,
    query: libraries,
  }),
  commandRoute({
    method: 'post',
    path: '/libraries',
    operationId: 'createLibrary',
    summary: 'Create a library',
    tag,
    command: 'CreateLibrary',
    success: 201,
  }),
  commandRoute({
    method: 'put',
    path: '/libraries/{libraryId}/name',
    operationId: 'renameLibrary',
    summary: 'Rename a library',
    tag,
    command: 'RenameLibrary',
  }),
  commandRoute({
    method: 'put',
    path: '/libraries/{libraryId}/paths',
    operationId: 'changeLibraryPaths',
    summary: 'Say where a library is',
    tag,
    command: 'ChangeLibraryPaths',
  }),
  commandRoute({
    method: 'delete',
    path: '/libraries/{libraryId}',
    operationId: 'removeLibrary',
    summary: 'Remove a library; its films stay in the catalogue',
    tag,
    command: 'RemoveLibrary',
    success: 204,
  }),
];
