import type { DuckDBType } from '@duckdb/node-api';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { quotedText } from '../table.js';

/** ISO 8601, in UTC where the value is a moment. */
const INSTANT = '%Y-%m-%dT%H:%M:%S.%gZ';
const LOCAL = '%Y-%m-%dT%H:%M:%S.%g';
/** Whole numbers that a JSON number, read as a double, cannot hold. */
const WIDE = new Set(['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'BIGNUM']);

const timeOf = (type: string, sql: string): string | undefined => {
  if (type === 'TIMESTAMP WITH TIME ZONE') return `strftime(${sql}, '${INSTANT}')`;
  return type.startsWith('TIMESTAMP') ? `strftime(${sql}::timestamp, '${LOCAL}')` : undefined;
};

/** How a value in SQL is written that may be too wide for a JSON number. */
type WideNumber = (sql: string) => string;

/** As text, so that a column has one type. */
export const wideAsText: WideNumber = (sql) => `${sql}::varchar`;

/** As a number where that is exact (RFC 8259 §6), else as text. */
export const wideWhereExact: WideNumber = (sql) =>
  `case when ${sql} between -9007199254740991 and 9007199254740991 then to_json(${sql}) ` +
  `else to_json(${sql}::varchar) end`;

/** A value in SQL as JSON holds it: times as ISO 8601, also within lists and structs. */
export const jsonCell = (
  type: DuckDBType,
  sql: string,
  wide: WideNumber = wideAsText,
  depth = 0,
): string => {
  if ('entryTypes' in type && 'entryIndexes' in type) {
    const fields = type.entryNames.map((name, nth) => {
      const field = type.entryTypes[nth];
      const value = `struct_extract(${sql}, ${quotedText(name)})`;
      return `"${name.replaceAll('"', '""')}" := ${field ? jsonCell(field, value, wide, depth) : value}`;
    });
    return `case when ${sql} is null then null else struct_pack(${fields.join(', ')}) end`;
  }
  if ('valueType' in type && !('keyType' in type)) {
    const each = `each${depth}`;
    return `list_transform(${sql}, lambda ${each}: ${jsonCell(type.valueType, each, wide, depth + 1)})`;
  }
  const name = String(type);
  return timeOf(name, sql) ?? (WIDE.has(name) ? wide(sql) : sql);
};

/** A value in SQL as CSV holds it: lists and structs as JSON in a cell, times as ISO 8601. */
export const csvCell = (type: DuckDBType, sql: string, spreadsheet: boolean): string => {
  const name = String(type);
  if (name.endsWith(']') || name.endsWith(')')) {
    if (!name.startsWith('DECIMAL')) return `to_json(${jsonCell(type, sql)})`;
  }
  if (spreadsheet && name === 'VARCHAR') return harmless(sql);
  return timeOf(name, sql) ?? sql;
};

/**
 * Text in SQL that a spreadsheet takes for text: what would be a formula begins with an apostrophe (OWASP, "CSV
 * Injection").
 */
export const harmless = (sql: string): string =>
  `case when regexp_matches(${sql}, '^[-=+@\\t\\r\\n＝＋－＠]') then '''' || ${sql} else ${sql} end`;

/** Without it spreadsheets take UTF-8 for another encoding. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Puts a byte order mark before what is in a file. */
export const addByteOrderMark = async (file: string): Promise<void> => {
  const marked = `${file}.marked`;
  await pipeline(async function* () {
    yield BYTE_ORDER_MARK;
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  }, createWriteStream(marked));
  await rename(marked, file);
};
