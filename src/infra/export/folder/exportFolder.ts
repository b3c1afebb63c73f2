import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { EventStore } from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { openDuckDb, type DuckDb } from '../duckdb.js';
import { eventTables, type EventTable } from '../eventTables.js';
import { exportEvents } from '../exportEvents.js';
import { exportReadModels } from '../exportReadModels.js';
import { lockFolder } from './folderLock.js';
import type { ExportFormat } from '../formats.js';
import {
  EXPORT_VERSION,
  MANIFEST,
  readManifest,
  UnusableExport,
  writeManifest,
  type Manifest,
  type TableEntry,
} from './manifest.js';
import { UNFINISHED } from './parts.js';

/** Enough for the largest files that are written; what does not fit goes to disk. */
const MEMORY_MB = 256;

export interface ExportOptions {
  readonly folder: string;
  readonly eventStore: EventStore;
  readonly database: Database;
  readonly signal: AbortSignal;
  /** Of a new export; one that is there goes on in its own. Default Parquet. */
  readonly format?: ExportFormat;
  /** CSV for spreadsheets; one that is there goes on as it is. */
  readonly spreadsheet?: boolean;
  /** Events after this position; only of a new export. */
  readonly after?: bigint;
  /** Tables (`movie_watched`, `stats.totals`) and read models (`stats`); default all. */
  readonly only?: readonly string[];
  readonly onProgress?: (position: bigint) => void;
  /** How many events are in one file of a table at most; default 250,000. */
  readonly eventsAPart?: number;
}

/** Whether a table was asked for: by its name, or as one of a read model. */
const asksFor = ({ only }: Manifest, table: string): boolean =>
  only === undefined || only.includes(table) || only.includes(table.split('.')[0] ?? '');

const begun = async (options: ExportOptions): Promise<Manifest> => {
  const { folder, eventStore, signal, format = 'parquet', after = 0n, only } = options;
  const { spreadsheet = false } = options;
  const found = await readdir(folder);
  if (found.some((name) => !name.startsWith('.') && name !== `${MANIFEST}.new`)) {
    throw new UnusableExport(`${folder} is not empty, and not an export: name another folder.`);
  }
  return {
    reellogExport: EXPORT_VERSION,
    log: await eventStore.identify({ signal }),
    ...{ format, after: String(after), position: String(after) },
    ...(spreadsheet ? { spreadsheet } : {}),
    ...(only === undefined ? {} : { only: [...only].sort() }),
    ...{ complete: false, writtenAt: new Date().toISOString(), tables: {} },
  };
};

/** Whether an export can go on as it is asked to. @throws {UnusableExport} */
const goesOn = async (
  manifest: Manifest,
  { folder, eventStore, signal, format, spreadsheet, after, only }: ExportOptions,
): Promise<void> => {
  const refuse = (why: string): never => {
    throw new UnusableExport(`${folder} ${why}`);
  };
  if (manifest.log !== (await eventStore.identify({ signal }))) {
    refuse('is an export of another log: name another folder.');
  }
  if (format !== undefined && format !== manifest.format) {
    refuse(`is an export to ${manifest.format}: name another folder for ${format}.`);
  }
  if (spreadsheet === true && manifest.spreadsheet !== true) {
    refuse('is an export that is not for spreadsheets: name another folder.');
  }
  if (after !== undefined && String(after) !== manifest.after) {
    refuse(
      `is an export already, and goes on behind position ${manifest.position} by itself: leave out --since, or ` +
        'name another folder.',
    );
  }
  if (only !== undefined && [...only].sort().join() !== manifest.only?.join()) {
    refuse(`is an export of ${manifest.only?.join(', ') ?? 'everything'}: name another folder.`);
  }
};

/** The manifest with an entry for every table of events that is wanted. @throws {UnusableExport} */
const withEventTables = (
  manifest: Manifest,
  tables: readonly EventTable[],
  folder: string,
): Manifest => {
  const entries: Record<string, TableEntry> = { ...manifest.tables };
  for (const { name, columns } of tables) {
    const known = entries[name];
    if (known && JSON.stringify(known.columns) !== JSON.stringify(columns)) {
      throw new UnusableExport(
        `${folder} has ${name} with other columns than this Reellog gives it: export to another folder.`,
      );
    }
    entries[name] ??= { kind: 'events', columns: [...columns], rows: 0, files: [] };
  }
  return { ...manifest, tables: entries };
};

/** The tables of events: of read models there are those that there are now. */
const ofEvents = ({ tables }: Manifest): Manifest['tables'] =>
  Object.fromEntries(Object.entries(tables).filter(([, { kind }]) => kind === 'events'));

/** Removes what an interrupted export left, and what is not true any more. */
const removeOthers = async (folder: string, manifest: Manifest): Promise<void> => {
  const named = new Set(Object.values(manifest.tables).flatMap(({ files }) => files));
  for (const kind of ['events', 'read_models']) {
    const found = await readdir(join(folder, kind), {
      recursive: true,
      withFileTypes: true,
    }).catch(() => []);
    for (const entry of found) {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      if (entry.isFile() && !named.has(name)) await rm(path, { force: true });
    }
  }
  await rm(join(folder, UNFINISHED), { recursive: true, force: true });
};

/**
 * Makes a folder hold the log up to its end, and the read models as they are: a new export, or one that is there
 * taken further. Memory does not grow with the log. Interrupted, the same call goes on.
 * @throws {UnusableExport}
 */
export const exportFolder = async (options: ExportOptions): Promise<Manifest> => {
  const { folder, database, signal } = options;
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  let opened: Promise<DuckDb> | undefined;
  const duckDb = (): Promise<DuckDb> =>
    (opened ??= openDuckDb({
      ...{ memoryMb: MEMORY_MB, threads: 1, spillTo: join(folder, UNFINISHED), signal },
    }));
  try {
    const known = await readManifest(folder);
    if (known) await goesOn(known, options);
    const before = known ?? (await begun(options));
    const tables = eventTables.filter(({ name }) => asksFor(before, name));
    let manifest = { ...withEventTables(before, tables, folder), complete: false };
    await writeManifest(folder, manifest);
    await removeOthers(folder, manifest);
    const { format, spreadsheet = false } = manifest;
    const place = { folder, format, spreadsheet, duckDb };
    manifest = await exportEvents(manifest, { ...options, ...place, tables });
    const wanted = (table: string): boolean => asksFor(manifest, table);
    const models = await exportReadModels({ ...place, database, signal, wanted });
    manifest = {
      ...manifest,
      ...{ complete: true, writtenAt: new Date().toISOString() },
      tables: { ...ofEvents(manifest), ...models },
    };
    await writeManifest(folder, manifest);
    await removeOthers(folder, manifest);
    return manifest;
  } finally {
    (await opened?.catch(() => undefined))?.close();
    await rm(join(folder, UNFINISHED), { recursive: true, force: true });
    await unlock();
  }
};
