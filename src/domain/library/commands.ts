import { Type, type Static } from 'typebox';
import type { Instant } from '../schemas.js';
import { Name, Uuid } from '../schemas.js';
import { LibraryKind, LibraryPaths } from './events.js';

const libraryId = Uuid;
const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** What concerns a folder of media. */
export const libraryCommands = {
  CreateLibrary: object({
    libraryId: Type.Optional(Uuid),
    name: Name(200),
    kind: LibraryKind,
    paths: Type.Optional(LibraryPaths),
  }),
  RenameLibrary: object({ libraryId, name: Name(200) }),
  ChangeLibraryPaths: object({ libraryId, paths: LibraryPaths }),
  RemoveLibrary: object({ libraryId }),
} as const;

export interface LibraryContext {
  readonly now: Instant;
  readonly libraryId: string;
}

export type LibraryCommand = {
  [Name in keyof typeof libraryCommands]: {
    readonly type: Name;
    readonly data: Static<(typeof libraryCommands)[Name]>;
    readonly context: LibraryContext;
  };
}[keyof typeof libraryCommands];
