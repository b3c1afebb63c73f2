import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { openAnalysis, type Analysis, type AnswerFormat } from '../../analysis/analysis.js';
import { exportSource, liveSource, type AnalysisSource } from '../../analysis/sources.js';
import { Interrupted, UsageError } from '../exitCodes.js';
import { OutputClosed, table, write, writeLine } from '../terminal/output.js';
import { logProgress } from './logProgress.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';

interface Options {
  readonly file?: string;
  readonly from?: string;
  readonly format: AnswerFormat | 'table';
  readonly output?: string;
  readonly spreadsheet?: true;
}

/** The SQL to answer: given, in a file, or on standard input. */
const sqlOf = async (given: string | undefined, { file }: Options): Promise<string> => {
  if (given !== undefined && file !== undefined) {
    throw new UsageError('Give SQL or --file, not both.');
  }
  if (given !== undefined) return given;
  if (file !== undefined) {
    return readFile(file, 'utf8').catch((error: unknown) => {
      throw new UsageError(`${file} cannot be read.`, { cause: error });
    });
  }
  if (process.stdin.isTTY) throw new UsageError('Give SQL, --file, or SQL on standard input.');
  return text(process.stdin);
};

/** A cell of a table is one line. */
const inOneLine = (row: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell.replace(/\s+/g, ' ')]));

const print = async (analysis: Analysis, sql: string): Promise<void> => {
  for await (const rows of analysis.rows(sql)) await writeLine(table(rows.map(inOneLine)));
};

const answer = async (
  source: AnalysisSource,
  sql: string,
  { format, output, spreadsheet }: Options,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<void> => {
  const analysis = await openAnalysis(source, { folder, signal });
  try {
    if (format === 'table') {
      await print(analysis, sql);
      return;
    }
    const file = output === undefined ? join(folder, `answer.${format}`) : `${output}.unfinished`;
    try {
      await analysis.write(sql, format, file, { spreadsheet: spreadsheet === true });
      if (output !== undefined) await rename(file, output);
      else for await (const chunk of createReadStream(file)) await write(chunk as Buffer);
    } finally {
      await rm(file, { force: true });
    }
  } catch (error) {
    if (signal.aborted) throw new Interrupted('Interrupted.');
    if (!(error instanceof OutputClosed)) throw error;
  } finally {
    analysis.close();
  }
};

const run = async (sql: string, options: Options): Promise<void> => {
  const signal = stopSignal();
  const folder = await mkdtemp(join(tmpdir(), 'reellog-sql-'));
  const place = { folder, signal };
  try {
    if (options.from !== undefined) {
      await answer(await exportSource(options.from), sql, options, place);
      return;
    }
    await withReellog(signal, async ({ eventStore, database }) => {
      const progress = await logProgress('Reading', eventStore, await eventStore.headPosition());
      const source = await liveSource({
        ...{ eventStore, database, ...place },
        onProgress: (position) => {
          progress.update(position);
        },
      });
      try {
        await answer(source, sql, options, place);
      } finally {
        progress.stop();
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** `reellog sql`: questions about the history, in SQL. */
export const addSql = (program: Command): void => {
  program
    .command('sql')
    .description('answer questions about the log and the read models, with DuckDB')
    .argument('[sql]', 'one or more questions; else of --file, or of standard input')
    .option('-f, --file <file>', 'the questions')
    .option('--from <folder>', 'ask an export instead of the log and read models as they are now')
    .addOption(
      new Option('--format <name>', 'of the answer')
        .choices(['table', 'ndjson', 'json', 'csv', 'parquet'])
        .default('table'),
    )
    .option('--output <file>', 'put the answer there, in the format given')
    .option('--spreadsheet', 'with --format csv: for spreadsheets, text that is no formula')
    .addHelpText(
      'after',
      '\nViews: events, one for each type of event (movie_watched, title_rated, …), and the tables of the read models\n' +
        '(stats.totals, history.plays, …): "show all tables", "describe movie_watched". Columns: docs/analysing-history.md.\n' +
        'Only what a question names is read. Nothing is changed. Works beside a running service.\n' +
        '\nExamples:\n' +
        '  reellog sql "select type, count(*) from events group by all order by all"\n' +
        '  reellog sql "from title_rated" --format parquet --output ratings.parquet\n' +
        '  reellog sql --from history -f questions.sql\n',
    )
    .action(async (given: string | undefined, options: Options) => {
      if (options.output !== undefined && options.format === 'table') {
        throw new UsageError('Say with --format what to put into the file.');
      }
      if (options.spreadsheet && options.format !== 'csv') {
        throw new UsageError('--spreadsheet needs --format csv.');
      }
      if (options.format === 'parquet' && options.output === undefined && process.stdout.isTTY) {
        throw new UsageError('A terminal cannot show Parquet: name a file with --output.');
      }
      await run(await sqlOf(given, options), options);
    });
};
