import type { Connection, Database } from '../postgres/database.js';
import type { TableEntry } from './folder/manifest.js';
import { openPart, partPath, type Part, type PartOptions } from './folder/parts.js';
import { readModelTables, type ReadModelTable } from './readModelTables.js';

const PAGE = 2_000;

export interface ReadModelsExport extends PartOptions {
  readonly database: Database;
  /** The tables wanted, by name. */
  readonly wanted: (table: string) => boolean;
  readonly signal: AbortSignal;
}

/** One table's rows as lines of JSON, a page at a time. */
async function* linesOf(
  tx: Connection,
  { from }: ReadModelTable,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  await tx.query({
    text: `declare export no scroll cursor for select row_to_json(t)::text as line from ${from} t`,
  });
  for (let rows = PAGE; rows === PAGE;) {
    signal.throwIfAborted();
    const page = await tx.query<{ readonly line: string }>({ text: `fetch ${PAGE} from export` });
    rows = page.length;
    yield page.map(({ line }) => line);
  }
  await tx.query({ text: 'close export' });
}

/** All tables of one read model as they are at one moment. */
const exportModel = async (
  name: string,
  { database, wanted, signal, ...options }: ReadModelsExport,
): Promise<Record<string, TableEntry>> => {
  const read: { readonly table: ReadModelTable; readonly part: Part }[] = [];
  try {
    await database.transaction(async (tx) => {
      await tx.query({ text: 'set transaction isolation level repeatable read, read only' });
      await tx.query({ text: "set local time zone 'UTC'" });
      for (const table of await readModelTables(tx)) {
        if (table.readModel !== name || !wanted(table.name)) continue;
        const part = openPart(table, options);
        read.push({ table, part });
        for await (const lines of linesOf(tx, table, signal)) await part.add(lines);
      }
    });
    const entries: Record<string, TableEntry> = {};
    // The transaction is over by now: it would keep PostgreSQL from cleaning up, and may not be idle for long.
    for (const { table, part } of read) {
      signal.throwIfAborted();
      const { columns, position } = table;
      const { rows } = part;
      const file = partPath('read_models', table, position, options.format);
      await part.finish(file);
      entries[table.name] = {
        ...{ kind: 'read-model', columns: [...columns], rows },
        ...{ position: String(position), files: [file] },
      };
    }
    return entries;
  } finally {
    for (const { part } of read) await part.discard();
  }
};

/**
 * Writes the tables of read models, those of one model as they are at one moment and position.
 * @returns their entries in the manifest
 */
export const exportReadModels = async (
  options: ReadModelsExport,
): Promise<Record<string, TableEntry>> => {
  const tables = await readModelTables(options.database);
  const names = new Set(
    tables.filter(({ name }) => options.wanted(name)).map(({ readModel }) => readModel),
  );
  const entries: Record<string, TableEntry> = {};
  for (const name of names) {
    options.signal.throwIfAborted();
    Object.assign(entries, await exportModel(name, options));
  }
  return entries;
};
