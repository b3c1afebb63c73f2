import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { validator } from '../../../domain/validation.js';
import { exportFormats } from '../formats.js';
import { putInPlace } from './putInPlace.js';

/** The file that says what of a folder is the export. */
export const MANIFEST = 'manifest.json';
/** Raised when a newer Reellog could not go on with what an older one wrote. */
export const EXPORT_VERSION = 1;

const Position = Type.String({ pattern: '^\\d{1,19}$' });

const TableEntry = Type.Object({
  /** The events it holds, or the read model whose rows it is. */
  kind: Type.Enum(['events', 'read-model']),
  columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
  rows: Type.Integer({ minimum: 0 }),
  /** Of a read model: its rows are true at this position of the log. */
  position: Type.Optional(Position),
  /** Its files, in order, by their paths in the folder: what is not named here is not part of the export. */
  files: Type.Array(Type.String()),
});
export type TableEntry = Static<typeof TableEntry>;

const Manifest = Type.Object({
  reellogExport: Type.Literal(EXPORT_VERSION),
  /** Which log it is of: no export is of two. */
  log: Type.String(),
  format: Type.Enum([...exportFormats]),
  /** CSV for spreadsheets: with a byte order mark, and text that is no formula. */
  spreadsheet: Type.Optional(Type.Literal(true)),
  /** Events after this position … */
  after: Position,
  /** … up to and including this one are in it. */
  position: Position,
  /** The tables asked for; all there are when absent. */
  only: Type.Optional(Type.Array(Type.String())),
  /** The end of the log, as it was, had been reached when this was written. */
  complete: Type.Boolean(),
  writtenAt: Type.String(),
  tables: Type.Record(Type.String(), TableEntry),
});
export type Manifest = Static<typeof Manifest>;
const checkManifest = validator(Manifest);

/** A folder that cannot be exported to, or read as an export, in words for whoever named it. */
export class UnusableExport extends Error {
  override readonly name = 'UnusableExport';
}

/** The manifest of a folder; `undefined` where there is none. @throws {UnusableExport} it cannot be read */
export const readManifest = async (folder: string): Promise<Manifest | undefined> => {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new UnusableExport(`${join(folder, MANIFEST)} cannot be read.`, { cause: error });
  }
  const unknown = `${join(folder, MANIFEST)} is not the manifest of an export that this Reellog knows.`;
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch (error) {
    throw new UnusableExport(unknown, { cause: error });
  }
  const checked = checkManifest(written);
  if (!checked.ok) throw new UnusableExport(unknown, { cause: checked.errors });
  return checked.value;
};

/** From now on this is what the folder holds. */
export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  putInPlace(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`);
