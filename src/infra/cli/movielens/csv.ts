import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { UsageError } from '../exitCodes.js';

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

/** Streams the rows of a CSV file (RFC 4180), gzipped or not. */
export async function* csvRows(path: string): AsyncGenerator<CsvRow> {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  const file = createReadStream(path);
  const text = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  const rows = text.pipe(parse({ columns: true, bom: true, skip_empty_lines: true }));
  file.on('error', (error) => rows.destroy(error));
  text.on('error', (error: Error) => rows.destroy(error));
  for await (const row of rows) yield row as CsvRow;
}
