import { join } from 'node:path';
import type { EventStore } from '../../commands/ports/eventStore.js';
import { eventTables } from '../export/eventTables.js';
import { exportFolder } from '../export/folder/exportFolder.js';
import type { ExportFormat } from '../export/formats.js';
import { readManifest, UnusableExport, type Manifest } from '../export/folder/manifest.js';
import { readModelTables } from '../export/readModelTables.js';
import type { Table } from '../export/table.js';
import type { Database } from '../postgres/database.js';

/** The files that a table's rows are in. */
export interface LoadedTable extends Table {
  readonly format: ExportFormat;
  readonly files: readonly string[];
}

/** Where tables to ask about come from. */
export interface AnalysisSource {
  readonly tables: readonly Table[];
  /** Has the rows of these in files. */
  load(names: readonly string[]): Promise<readonly LoadedTable[]>;
}

const loadedFrom = (folder: string, manifest: Manifest, names: readonly string[]): LoadedTable[] =>
  Object.entries(manifest.tables)
    .filter(([name]) => names.includes(name))
    .map(([name, { columns, files }]) => ({
      ...{ name, columns, format: manifest.format },
      files: files.map((file) => join(folder, file)),
    }));

/** An export as it was written. @throws {UnusableExport} */
export const exportSource = async (folder: string): Promise<AnalysisSource> => {
  const manifest = await readManifest(folder);
  if (!manifest) throw new UnusableExport(`${folder} is not an export: it has no manifest.json.`);
  return {
    tables: Object.entries(manifest.tables).map(([name, { columns }]) => ({ name, columns })),
    load: (names) => Promise.resolve(loadedFrom(folder, manifest, names)),
  };
};

/**
 * The log and the read models as they are when they are first asked about: what a question names is exported to a
 * folder of ours, for memory may not hold it.
 */
export const liveSource = async (options: {
  readonly eventStore: EventStore;
  readonly database: Database;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (position: bigint) => void;
}): Promise<AnalysisSource> => {
  const { folder: home, ...rest } = options;
  let loads = 0;
  return {
    tables: [...eventTables, ...(await readModelTables(options.database))],
    load: async (names) => {
      loads += 1;
      const folder = join(home, String(loads));
      return loadedFrom(folder, await exportFolder({ ...rest, folder, only: names }), names);
    },
  };
};
