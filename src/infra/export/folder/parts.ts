import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addByteOrderMark } from '../formats/cells.js';
import type { DuckDb } from '../duckdb.js';
import { writeStatement, type ExportFormat } from '../formats.js';
import { moveInPlace } from './putInPlace.js';
import type { Table } from '../table.js';

/** Where files are made before they get their names. */
export const UNFINISHED = '.unfinished';

/** Rows of one table on their way into a file, on disk as lines of JSON: memory holds no more than a page. */
export interface Part {
  readonly rows: number;
  readonly bytes: number;
  add(lines: readonly string[]): Promise<void>;
  /** Gives the rows a file of their own. @param path in the folder */
  finish(path: string): Promise<void>;
  /** Forgets what was not finished. */
  discard(): Promise<void>;
}

export interface PartOptions {
  readonly folder: string;
  readonly format: ExportFormat;
  /** CSV for spreadsheets. */
  readonly spreadsheet?: boolean;
  /** Makes files of formats that are not lines of JSON. */
  readonly duckDb: () => Promise<DuckDb>;
}

/** How many digits positions in the names of files have: all of them, so that names sort as positions do. */
const DIGITS = 19;

/** The file of a table up to a position: `events/movie_watched/0000000000000100000.parquet`. */
export const partPath = (
  kind: 'events' | 'read_models',
  { name }: Table,
  position: bigint,
  format: ExportFormat,
): string =>
  [kind, ...name.split('.'), `${String(position).padStart(DIGITS, '0')}.${format}`].join('/');

/** Collects rows of a table for its next file. */
export const openPart = (
  table: Table,
  { folder, format, spreadsheet = false, duckDb }: PartOptions,
): Part => {
  const lines = join(folder, UNFINISHED, `${table.name}.ndjson`);
  let file: FileHandle | undefined;
  let rows = 0;
  let bytes = 0;

  const begin = async (): Promise<FileHandle> => {
    await mkdir(dirname(lines), { recursive: true });
    return open(lines, 'w');
  };
  const end = async (): Promise<void> => {
    const open = file;
    [file, rows, bytes] = [undefined, 0, 0];
    await open?.close();
  };

  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    add: async (added) => {
      if (added.length === 0) return;
      file ??= await begin();
      const text = `${added.join('\n')}\n`;
      await file.appendFile(text);
      rows += added.length;
      bytes += text.length;
    },
    finish: async (path) => {
      file ??= await begin();
      await end();
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      if (format === 'ndjson') return moveInPlace(lines, target);
      const made = `${lines.slice(0, -'.ndjson'.length)}.${format}`;
      const { connection } = await duckDb();
      await connection.run(writeStatement(format, table.columns, lines, made, spreadsheet));
      if (spreadsheet) await addByteOrderMark(made);
      await rm(lines);
      await moveInPlace(made, target);
    },
    discard: async () => {
      await end();
      await rm(lines, { force: true });
    },
  };
};
