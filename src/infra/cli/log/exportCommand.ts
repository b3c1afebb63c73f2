import { Option, type Command } from 'commander';
import type { EventStore } from '../../../commands/ports/eventStore.js';
import { positionAt } from '../../eventstore/places/positionAt.js';
import { eventTables } from '../../export/eventTables.js';
import { exportFolder } from '../../export/folder/exportFolder.js';
import { exportFormats, type ExportFormat } from '../../export/formats.js';
import { readManifest, type Manifest } from '../../export/folder/manifest.js';
import { readModelTables } from '../../export/readModelTables.js';
import type { Reellog } from '../../composition/service.js';
import { moment } from '../terminal/argumentParsers.js';
import { Interrupted, UsageError } from '../exitCodes.js';
import { json, writeLine } from '../terminal/output.js';
import { logProgress } from './logProgress.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';

/** A position, a time, or the folder of an earlier export. */
type Since = { readonly position: bigint } | { readonly time: Date } | { readonly folder: string };

interface Options {
  readonly format?: ExportFormat;
  readonly spreadsheet?: true;
  readonly since?: Since;
  readonly only?: readonly string[];
  readonly json?: true;
}

const since = (text: string): Since => {
  if (/^\d{1,19}$/.test(text)) return { position: BigInt(text) };
  if (!/^\d{4}-\d\d/.test(text)) return { folder: text };
  return { time: moment(text) };
};

const names = (text: string, before: readonly string[] = []): readonly string[] => [
  ...new Set([...before, ...text.split(',').map((name) => name.trim())]),
];

/** The position whose events, and all before it, are left out. */
const positionBefore = async (eventStore: EventStore, from: Since): Promise<bigint> => {
  if ('position' in from) return from.position;
  // What was recorded at that time is wanted: times in the log are of milliseconds.
  if ('time' in from) return positionAt(eventStore, new Date(from.time.getTime() - 1));
  const manifest = await readManifest(from.folder);
  if (!manifest) {
    throw new UsageError(`${from.folder} is not a position, a time, or the folder of an export.`);
  }
  if (manifest.log !== (await eventStore.identify())) {
    throw new UsageError(`${from.folder} is an export of another log.`);
  }
  return BigInt(manifest.position);
};

/** A name that there is not would export nothing, which looks like an answer. */
const checked = async (
  only: readonly string[],
  { database, engine }: Reellog,
): Promise<readonly string[]> => {
  const tables = await readModelTables(database);
  const known = [...eventTables, ...tables].map(({ name }) => name);
  const unknown = only.filter((name) => !known.includes(name) && !engine.names.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `There is no ${unknown.join(', ')} to export. There are: ${[...engine.names, ...known].join(', ')}.`,
    );
  }
  return only;
};

const rowsOf = ({ tables }: Manifest, kind: 'events' | 'read-model'): Record<string, number> =>
  Object.fromEntries(
    Object.entries(tables)
      .filter(([, table]) => table.kind === kind)
      .map(([name, { rows }]) => [name, rows]),
  );

const summaryOf = (folder: string, manifest: Manifest): string => {
  const events = Object.values(rowsOf(manifest, 'events'));
  const models = Object.values(rowsOf(manifest, 'read-model'));
  const sum = (rows: readonly number[]) => rows.reduce((total, one) => total + one, 0);
  return (
    `${folder} holds the log up to position ${manifest.position} (${sum(events)} rows in ` +
    `${events.length} tables) and read models (${sum(models)} rows in ${models.length} tables).`
  );
};

const run = async (folder: string, options: Options, signal: AbortSignal): Promise<void> => {
  await withReellog(signal, async (reellog) => {
    const { eventStore, database } = reellog;
    const only = options.only && (await checked(options.only, reellog));
    const after = options.since && (await positionBefore(eventStore, options.since));
    const progress = await logProgress('Exporting', eventStore, await eventStore.headPosition());
    try {
      const manifest = await exportFolder({
        ...{ folder, eventStore, database, signal },
        ...(options.format === undefined ? {} : { format: options.format }),
        ...(options.spreadsheet ? { spreadsheet: true } : {}),
        ...(after === undefined ? {} : { after }),
        ...(only === undefined ? {} : { only }),
        onProgress: (position) => {
          progress.update(position);
        },
      });
      progress.stop();
      const { format, position } = manifest;
      const [events, readModels] = [rowsOf(manifest, 'events'), rowsOf(manifest, 'read-model')];
      await writeLine(
        options.json === true
          ? json({ folder, format, position, events, readModels })
          : summaryOf(folder, manifest),
      );
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Interrupted('Interrupted: the same command goes on where this one stopped.');
    } finally {
      progress.stop();
    }
  });
};

/** `reellog export`: events and read models as files for other tools. */
export const addExport = (program: Command): void => {
  program
    .command('export')
    .description('write events and read models to a folder, or bring it up to date')
    .argument('<folder>', 'new or empty, or of an earlier export, which goes on where it ended')
    .addOption(
      new Option('--format <name>', 'of the files; default parquet').choices(exportFormats),
    )
    .option('--spreadsheet', 'with --format csv: for spreadsheets, text that is no formula')
    .option(
      '--since <where>',
      'only events after a position, from a time (ISO 8601), or after an earlier export (its folder)',
      since,
    )
    .option('--only <names>', 'only these tables or read models, by comma or repeated', names)
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      '\nA folder per table: events/events, events/movie_watched, …, read_models/stats/totals, …; manifest.json says\n' +
        'what is in it, and up to which position. Columns: docs/analysing-history.md.\n' +
        'Interrupted, the same command goes on. Works beside a running service.\n' +
        '\nExamples:\n' +
        '  reellog export history\n' +
        '  reellog export ratings --only title_rated,rating_removed,stats --format csv\n' +
        '  reellog export tuesday --since monday\n',
    )
    .action(async (folder: string, options: Options) => {
      if (options.spreadsheet && options.format !== 'csv') {
        throw new UsageError('--spreadsheet needs --format csv.');
      }
      await run(folder, options, stopSignal());
    });
};
