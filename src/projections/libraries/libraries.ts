import { table } from '../engine/table.js';
import type { Projection } from '../ports/projection.js';

interface LibraryRow {
  readonly library_id: string;
  readonly name: string;
  readonly kind: string;
  readonly paths: readonly string[];
  readonly created_at: Date;
  readonly revision: number;
}

const librariesTable = table<LibraryRow>('libraries', ['library_id']);

const handles = [
  'LibraryCreated',
  'LibraryRenamed',
  'LibraryPathsChanged',
  'LibraryRemoved',
] as const;

/** The folders of media. */
export const libraries: Projection<(typeof handles)[number]> = {
  name: 'libraries',
  version: 1,
  handles,
  tables: `
    create table libraries (
      library_id uuid primary key,
      name text not null,
      kind text not null,
      paths json not null,
      created_at timestamptz(3) not null,
      revision integer not null
    );
  `,
  project: async (events, tx) => {
    const rows = await librariesTable.load(
      tx,
      events.map(({ data }) => ({ library_id: data.libraryId })),
    );
    for (const event of events) {
      const key = { library_id: event.data.libraryId };
      const row = rows.get(key);
      const revision = Number(event.revision);
      switch (event.type) {
        case 'LibraryCreated': {
          const { name, kind, paths } = event.data;
          rows.set({ ...key, name, kind, paths, created_at: event.recordedAt, revision });
          break;
        }
        case 'LibraryRenamed':
          if (row) rows.set({ ...row, name: event.data.name, revision });
          break;
        case 'LibraryPathsChanged':
          if (row) rows.set({ ...row, paths: event.data.paths, revision });
          break;
        case 'LibraryRemoved':
          rows.delete(key);
          break;
        default:
          event satisfies never;
      }
    }
    await rows.flush(tx);
    return ['libraries:list'];
  },
};
