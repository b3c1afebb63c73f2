import { LIBRARY_STREAMS } from '../../domain/streams.js';
import { streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';

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

type LibraryEvent = ProjectedEvent<(typeof handles)[number]>;

const after = (row: LibraryRow | undefined, event: LibraryEvent): LibraryRow | undefined => {
  const revision = Number(event.revision);
  switch (event.type) {
    case 'LibraryCreated': {
      const { libraryId: library_id, name, kind, paths } = event.data;
      return { library_id, name, kind, paths, created_at: event.recordedAt, revision };
    }
    case 'LibraryRenamed':
      return row && { ...row, name: event.data.name, revision };
    case 'LibraryPathsChanged':
      return row && { ...row, paths: event.data.paths, revision };
    case 'LibraryRemoved':
      return undefined;
    default:
      return event satisfies never;
  }
};

/** The folders of media. */
export const libraries = streamProjection<(typeof handles)[number], LibraryRow | undefined>({
  name: 'libraries',
  version: 1,
  handles,
  prefixes: [LIBRARY_STREAMS],
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
  initialState: undefined,
  evolve: after,
  rows: [streamTable(librariesTable, (row) => (row ? [row] : []))],
  changedBy: () => ['libraries:list'],
});
