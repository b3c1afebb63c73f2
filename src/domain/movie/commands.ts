import { Type, type Static } from 'typebox';
import type { Instant } from '../schemas.js';
import { Line, Uuid } from '../schemas.js';
import { storedImage } from '../images/storedImage.js';
import { ImageKind, movieChanges, movieDetails, movieField } from './events.js';
import { detachedFile, movieFile, replacedFile } from './files/movieFile.js';

const movieId = Uuid;
const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** What a client says to change the catalogue; ids that the path carries are part of the data. */
export const movieCommands = {
  /** Without `movieId` the id is derived from the first known external id, else new. */
  ImportMovie: object({
    movieId: Type.Optional(movieId),
    libraryId: Type.Optional(Uuid),
    ...movieDetails,
  }),
  EditMovieDetails: object({ movieId, changes: movieChanges }),
  RefreshMovieMetadata: object({ movieId, source: Line(50), changes: movieChanges }),
  UnlockFields: object({
    movieId,
    fields: Type.Array(movieField, { minItems: 1, uniqueItems: true }),
  }),
  /** Takes a picture that is stored by now; `source` as in the event. */
  StoreMovieImage: object({ movieId, kind: ImageKind, source: Line(500), ...storedImage }),
  RemoveMovieImage: object({ movieId, kind: ImageKind }),
  RemoveMovie: object({ movieId }),
  RestoreMovie: object({ movieId }),
  /** With `replaces` only where that is still the film's file of this source. */
  AttachFile: object({ movieId, ...movieFile, replaces: Type.Optional(replacedFile) }),
  DetachFile: object({ movieId, ...detachedFile }),
} as const;

/** What the decider needs beside what the client said. */
export interface MovieContext {
  readonly now: Instant;
  /** The film's id as resolved: the client's, derived or new. */
  readonly movieId: string;
}

export type MovieCommand = {
  [Name in keyof typeof movieCommands]: {
    readonly type: Name;
    readonly data: Static<(typeof movieCommands)[Name]>;
    readonly context: MovieContext;
  };
}[keyof typeof movieCommands];
