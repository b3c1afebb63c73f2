import { Type, type Static } from 'typebox';
import { Line, StoredLine } from '../../schemas.js';

/** Who tells of files; each calls its files by ids of its own. */
const FileSource = Line(50);
const FileId = Line(100);

/** A file of a film, as the server that holds it names it: paths of Windows and of networks stay as they are. */
export const movieFile = {
  path: StoredLine(4096),
  /** Below the film's folder. */
  relativePath: Type.Optional(StoredLine(4096)),
  /** `mkv`. */
  container: Type.Optional(Line(20)),
  sizeBytes: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  /** As the source calls it: `Bluray-1080p`. */
  quality: Type.Optional(Line(100)),
  source: FileSource,
  fileId: Type.Optional(FileId),
};
export const MovieFile = Type.Object(movieFile, { additionalProperties: false });
export type MovieFile = Static<typeof MovieFile>;

/** Which file is not there any more: that of a source, or only the one that it calls so; and why. */
export const detachedFile = {
  source: FileSource,
  fileId: Type.Optional(FileId),
  reason: Type.Optional(Line(200)),
};

/** The file that a newly attached one takes the place of, as the source calls it; `null`: none. */
export const replacedFile = Type.Union([FileId, Type.Null()]);

/** Whether the file of a source is the one that it was when the source was asked; something newer stays. */
export const isStill = (file: MovieFile | undefined, source: string, id: string | null): boolean =>
  (file?.source === source ? (file.fileId ?? null) : null) === id;

/** Whether a film's file is the one of a source that is gone. */
export const isDetached = (
  file: MovieFile | undefined,
  gone: { readonly source: string; readonly fileId?: string },
): file is MovieFile =>
  file?.source === gone.source && (gone.fileId === undefined || gone.fileId === file.fileId);

/** `mkv`: what the name of a file ends with. */
export const containerOf = (path: string): string | undefined =>
  /[^/\\]\.([a-z0-9]{1,10})$/i.exec(path)?.[1]?.toLowerCase();
