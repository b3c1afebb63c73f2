import type { EventStore, RecordedEvent } from '../../commands/ports/eventStore.js';
import type { EventTable } from './eventTables.js';
import { writeManifest, type Manifest } from './folder/manifest.js';
import { openPart, partPath, type PartOptions } from './folder/parts.js';

/** So many events are read at once, … */
const PAGE = 1_000;
/** … and so many, or so many bytes of rows, become one file a table; what an interruption loses is no more. */
const EVENTS_A_PART = 250_000;
const BYTES_A_PART = 256 * 1024 * 1024;

export interface EventsExport extends PartOptions {
  readonly eventStore: EventStore;
  readonly tables: readonly EventTable[];
  readonly signal: AbortSignal;
  readonly onProgress?: (position: bigint) => void;
  /** For tests: fewer events a file. */
  readonly eventsAPart?: number;
}

/** Nothing but the types that a table wants is read. */
const filterOf = (tables: readonly EventTable[]): { filter?: { types: readonly string[] } } =>
  tables.some(({ type }) => type === undefined)
    ? {}
    : { filter: { types: tables.flatMap(({ type }) => type ?? []) } };

/**
 * Adds to a folder the events behind its manifest's position, up to the end of the log as it is now. The manifest
 * goes on only over files that are there as a whole: interrupted, the next call goes on from there.
 * @returns the manifest as it was written last
 */
export const exportEvents = async (from: Manifest, options: EventsExport): Promise<Manifest> => {
  const { eventStore, tables, signal, eventsAPart = EVENTS_A_PART } = options;
  if (tables.length === 0) return from;
  const head = await eventStore.headPosition({ signal });
  const parts = tables.map((table) => ({ table, part: openPart(table, options) }));
  let manifest = from;
  let after = BigInt(from.position);

  const add = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const { table, part } of parts) {
      const own =
        table.type === undefined ? events : events.filter(({ type }) => type === table.type);
      await part.add(own.map((event) => JSON.stringify(table.rowOf(event))));
    }
  };
  const finish = async (): Promise<void> => {
    const entries = { ...manifest.tables };
    for (const { table, part } of parts) {
      if (part.rows === 0) continue;
      signal.throwIfAborted();
      const { rows } = part;
      const file = partPath('events', table, after, options.format);
      await part.finish(file);
      const entry = entries[table.name];
      if (entry) {
        entries[table.name] = { ...entry, rows: entry.rows + rows, files: [...entry.files, file] };
      }
    }
    manifest = {
      ...manifest,
      ...{ position: String(after), writtenAt: new Date().toISOString(), tables: entries },
    };
    await writeManifest(options.folder, manifest);
  };

  try {
    let pending = 0;
    for (let end = after >= head; !end;) {
      signal.throwIfAborted();
      const page = await eventStore.readAll({
        ...{ after, maxCount: PAGE, signal },
        ...filterOf(tables),
      });
      await add(page.events);
      after = page.position;
      pending += page.events.length;
      end = page.end || after >= head;
      const bytes = parts.reduce((sum, { part }) => sum + part.bytes, 0);
      if (pending >= eventsAPart || bytes >= BYTES_A_PART) {
        await finish();
        pending = 0;
      }
      options.onProgress?.(after);
    }
    if (after > BigInt(manifest.position)) await finish();
    return manifest;
  } finally {
    for (const { part } of parts) await part.discard();
  }
};
