import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { UsageError } from '../../exitCodes.js';

/** A row by column name. */
export type CsvRow = Readonly<Record<string, string>>;

/** The file, or the same with `.gz` behind it. @throws {UsageError} when there is neither */
export const findCsv = (folder: string, name: string): string => {
  const found = [join(folder, name), join(folder, `${name}.gz`)].find((path) => existsSync(path));
  if (found === undefined) {
    throw new UsageError(`There is no ${name} or ${name}.gz in ${folder}.`);
  }
  return found;
};

/** A file that is not what it should be, told by its path and, where that is known, the row (the header is none). */
export const brokenCsv = (path: string, row: number | undefined, what: string): UsageError =>
  new UsageError(`Cannot read ${path}${row === undefined ? '' : `, row ${row}`}: ${what}.`);

/** A number in a cell. @throws {UsageError} naming file, row and column where there is none */
export const numberIn = (path: string, row: number, cells: CsvRow, column: string): number => {
  const cell = cells[column] ?? '';
  const value = Number(cell);
  if (cell.trim() === '' || !Number.isFinite(value))
    throw brokenCsv(path, row, `${column} should be a number, not ${JSON.stringify(cell)}`);
  return value;
};

/**
 * Streams the rows of a CSV file (RFC 4180), gzipped or not.
 * @throws {UsageError} naming the file when it is not there, not CSV, or without one of the columns
 */
export async function* csvRows(
  path: string,
  columns: readonly string[] = [],
): AsyncGenerator<CsvRow> {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  let header: readonly string[] | undefined;
  const file = createReadStream(path);
  const text = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  const asColumns = (names: string[]): string[] => {
    header = names;
    const missing = columns.filter((column) => !names.includes(column));
    if (missing.length > 0)
      throw new Error(`it has no column ${missing.join(', ')}, but ${names.join(', ')}`);
    return names;
  };
  const rows = text.pipe(parse({ columns: asColumns, bom: true, skip_empty_lines: true }));
  file.on('error', (error) => rows.destroy(error));
  text.on('error', (error: Error) => rows.destroy(error));
  const told: AsyncIterator<CsvRow> = rows[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await told.next().catch((error: unknown) => {
        throw brokenCsv(path, undefined, error instanceof Error ? error.message : String(error));
      });
      if (next.done === true) break;
      yield next.value;
    }
  } finally {
    file.destroy();
  }
  if (header === undefined) throw brokenCsv(path, undefined, 'it is empty');
}
