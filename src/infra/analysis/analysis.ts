import { join } from 'node:path';
import {
  addByteOrderMark,
  csvCell,
  jsonCell,
  wideAsText,
  wideWhereExact,
} from '../export/formats/cells.js';
import { openDuckDb, type DuckDb } from '../export/duckdb.js';
import { readExpression, type ExportFormat } from '../export/formats.js';
import { quotedName, quotedTable, quotedText } from '../export/table.js';
import { asked, BadQuestion, questionOf, type Question } from './question.js';
import type { AnalysisSource } from './sources.js';

/** An answer's rows, as text, under the names of its columns. */
export type TextRow = Readonly<Record<string, string>>;

export type AnswerFormat = ExportFormat | 'json';

/** Answers SQL over the views of a source. It changes nothing: only questions are taken. */
export interface Analysis {
  /** The answers of one or more statements, each a page of rows at a time. @throws {BadQuestion} */
  rows(sql: string): AsyncGenerator<readonly TextRow[], void>;
  /** The answer of one statement in a file. @throws {BadQuestion} */
  write(
    sql: string,
    format: AnswerFormat,
    file: string,
    options?: { readonly spreadsheet?: boolean },
  ): Promise<void>;
  close(): void;
}

const MEMORY_MB = 1_024;
const ROWS_A_PAGE = 1_000;

const copyOptions: Readonly<Record<AnswerFormat, string>> = {
  parquet: 'format parquet, compression zstd',
  csv: 'format csv, header',
  ndjson: 'format json',
  json: 'format json, array true',
};

/** A view for every table, each without rows until it is asked about: what they are like costs nothing to ask. */
const defineViews = async ({ connection }: DuckDb, source: AnalysisSource): Promise<void> => {
  const schemas = new Set(source.tables.map(({ name }) => name.split('.').slice(0, -1).join('.')));
  for (const schema of schemas) {
    if (schema !== '') await connection.run(`create schema ${quotedName(schema)}`);
  }
  for (const { name, columns } of source.tables) {
    await connection.run(
      `create view ${quotedTable(name)} as (${readExpression('parquet', columns, [])})`,
    );
  }
};

/** @param folder for what does not fit into memory; the caller removes it */
export const openAnalysis = async (
  source: AnalysisSource,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<Analysis> => {
  const spillTo = join(folder, 'spill');
  const duckDb = await openDuckDb({ memoryMb: MEMORY_MB, spillTo, signal });
  const { connection } = duckDb;
  const loaded = new Set<string>();
  try {
    await defineViews(duckDb, source);
  } catch (error) {
    duckDb.close();
    throw error;
  }

  /** Loads what the question names, once DuckDB has found nothing wrong with it. */
  const prepare = async (sql: string): Promise<Question> => {
    const question = await questionOf(connection, sql);
    await asked(async () => {
      const extracted = await connection.extractStatements(sql);
      for (let nth = 0; nth < question.statements; nth += 1) await extracted.prepare(nth);
    });
    const names = source.tables
      .map(({ name }) => name)
      .filter((name) => question.names.has(name) && !loaded.has(name));
    const found = names.length === 0 ? [] : await source.load(names);
    for (const { name, columns, format, files } of found) {
      await connection.run(
        `create or replace view ${quotedTable(name)} as (${readExpression(format, columns, files)})`,
      );
      loaded.add(name);
    }
    // What begins after the signal nothing would interrupt.
    signal.throwIfAborted();
    return question;
  };

  async function* rows(sql: string): AsyncGenerator<readonly TextRow[], void> {
    const { statements } = await prepare(sql);
    const extracted = await asked(() => connection.extractStatements(sql));
    for (let nth = 0; nth < statements; nth += 1) {
      const result = await asked(async () => (await extracted.prepare(nth)).stream());
      const columns = result.deduplicatedColumnNames();
      let page: TextRow[] = [];
      for (;;) {
        const chunk = await asked(() => result.fetchChunk());
        if (!chunk || chunk.rowCount === 0) break;
        for (const values of chunk.getRows()) {
          const cells = values.map((value) => (value === null ? '' : String(value)));
          page.push(Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ''])));
          if (page.length < ROWS_A_PAGE) continue;
          yield page;
          page = [];
        }
      }
      if (page.length > 0) yield page;
    }
  }

  /** The columns of an answer as a format holds them; Parquet holds them as they are. */
  const cellsOf = async (format: AnswerFormat, spreadsheet: boolean): Promise<string> => {
    if (format === 'parquet') return '*';
    const answer = await connection.runAndReadAll('from answer limit 0');
    const types = answer.columnTypes();
    const cells = answer.columnNames().map((column, nth) => {
      const [name, type] = [quotedName(column), types[nth]];
      if (!type) return name;
      const cell =
        format === 'csv'
          ? csvCell(type, name, spreadsheet)
          : jsonCell(type, name, format === 'json' ? wideWhereExact : wideAsText);
      return `${cell} as ${name}`;
    });
    return cells.join(', ');
  };

  return {
    rows,
    write: async (sql, format, file, { spreadsheet = false } = {}) => {
      const { statements, shows } = await prepare(sql);
      if (statements > 1) throw new BadQuestion(`One statement at a time as ${format}.`);
      const statement = shows ? `from (${sql.replace(/[\s;]+$/, '')})` : sql;
      // As a table, which keeps the order that was asked for.
      await asked(() => connection.run(`create or replace temp table answer as ${statement}`));
      const cells = await cellsOf(format, spreadsheet);
      await asked(() =>
        connection.run(
          `copy (select ${cells} from answer) to ${quotedText(file)} (${copyOptions[format]})`,
        ),
      );
      if (spreadsheet) await addByteOrderMark(file);
      await connection.run('drop table answer');
    },
    close: () => {
      duckDb.close();
    },
  };
};
