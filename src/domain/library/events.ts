import { Type } from 'typebox';
import { eventType, type EventOf } from '../eventType.js';
import { Line, Uuid } from '../schemas.js';

const libraryId = Uuid;

/** Folders of media as the server that holds them names them. */
export const LibraryPaths = Type.Array(Line(4096), { maxItems: 100, uniqueItems: true });
export const LibraryKind = Type.Enum(['movies', 'series']);

/** The facts of a `library-<id>` stream. */
export const libraryEvents = {
  LibraryCreated: eventType(
    Type.Object(
      { libraryId, name: Line(200), kind: LibraryKind, paths: LibraryPaths },
      { additionalProperties: false },
    ),
  ),
  LibraryRenamed: eventType(
    Type.Object({ libraryId, name: Line(200) }, { additionalProperties: false }),
  ),
  LibraryPathsChanged: eventType(
    Type.Object({ libraryId, paths: LibraryPaths }, { additionalProperties: false }),
  ),
  LibraryRemoved: eventType(Type.Object({ libraryId }, { additionalProperties: false })),
} as const;

export type LibraryEvent = EventOf<typeof libraryEvents>;
