import { harmless } from './formats/cells.js';
import { quotedName, quotedText, type Column } from './table.js';

/** The formats of an export's files, named as their files end. */
export const exportFormats = ['parquet', 'ndjson', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** In bytes; an append has less. DuckDB takes twice as much memory for each of its threads. */
const LARGEST_ROW = 16 * 1024 * 1024;

/** DuckDB holds a group in memory until it is written: four times as many took half as much again, and no less time. */
const ROWS_A_GROUP = 30_720;

const isNested = ({ type }: Column): boolean => type.endsWith('[]') || type === 'JSON';

/** Rows of JSON, one a line, with the types of their columns. */
const readLines = (files: string, columns: readonly Column[]): string => {
  const types = columns.map(({ name, type }) => `${quotedText(name)}: ${quotedText(type)}`);
  return (
    `read_json(${files}, format = 'newline_delimited', maximum_object_size = ${LARGEST_ROW}, ` +
    `columns = {${types.join(', ')}})`
  );
};

/** The statement that makes a file of this format of rows of JSON. @param spreadsheet text is no formula in CSV */
export const writeStatement = (
  format: 'parquet' | 'csv',
  columns: readonly Column[],
  lines: string,
  file: string,
  spreadsheet = false,
): string => {
  const from = readLines(quotedText(lines), columns);
  if (format === 'parquet') {
    return (
      `copy (from ${from}) to ${quotedText(file)} ` +
      `(format parquet, compression zstd, row_group_size ${ROWS_A_GROUP})`
    );
  }
  // Lists are JSON in a cell: there is no other way to write one that more than one program reads.
  const cells = columns.map((column) => {
    const name = quotedName(column.name);
    if (isNested(column)) return `to_json(${name}) as ${name}`;
    return spreadsheet && column.type === 'VARCHAR' ? `${harmless(name)} as ${name}` : name;
  });
  return (
    `copy (select ${cells.join(', ')} from ${from}) to ${quotedText(file)} ` +
    `(format csv, header, timestampformat '%Y-%m-%dT%H:%M:%S.%gZ')`
  );
};

/** What reads files of a format as a table, each column of its type. */
export const readExpression = (
  format: ExportFormat,
  columns: readonly Column[],
  files: readonly string[],
): string => {
  if (files.length === 0) {
    const nothing = columns.map(({ name, type }) => `null::${type} as ${quotedName(name)}`);
    return `select ${nothing.join(', ')} where false`;
  }
  const list = `[${files.map(quotedText).join(', ')}]`;
  if (format === 'parquet') return `from read_parquet(${list})`;
  if (format === 'ndjson') return `from ${readLines(list, columns)}`;
  const types = columns.map(
    (column) =>
      `${quotedText(column.name)}: ${quotedText(isNested(column) ? 'JSON' : column.type)}`,
  );
  const values = columns.map((column) => `${quotedName(column.name)}::${column.type}`);
  return (
    `select ${values.map((value, nth) => `${value} as ${quotedName(columns[nth]?.name ?? '')}`).join(', ')} ` +
    `from read_csv(${list}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', ` +
    `allow_quoted_nulls = false, max_line_size = ${LARGEST_ROW}, buffer_size = ${2 * LARGEST_ROW}, columns = {${types.join(', ')}})`
  );
};
