import type { CollectionPart } from '../../domain/collection/events.js';
import { textKeyOf } from '../../domain/movie/sortKey.js';
import { COLLECTION_STREAMS, movieIdOf } from '../../domain/streams.js';
import { streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';

interface CollectionRow {
  readonly collection_id: string;
  readonly tmdb_id: number;
  readonly name: string;
  readonly sort_key: string;
  readonly overview: string | null;
  readonly poster_path: string | null;
  readonly backdrop_path: string | null;
  readonly revision: number;
  readonly added_at: Date;
  readonly updated_at: Date;
}

interface PartRow {
  readonly collection_id: string;
  /** In order of release, from 1. */
  readonly nth: number;
  readonly tmdb_id: number;
  readonly title_id: string;
  readonly title: string;
  readonly release_date: string | null;
}

const collectionsTable = table<CollectionRow>('collections', ['collection_id']);
const partsTable = table<PartRow>('parts', ['collection_id', 'nth']);

const handles = ['CollectionImported', 'CollectionMetadataRefreshed'] as const;

interface Collection {
  readonly row: CollectionRow;
  readonly parts: readonly CollectionPart[];
}

const after = (
  before: Collection | undefined,
  event: ProjectedEvent<(typeof handles)[number]>,
): Collection => {
  const { collectionId, tmdbId, name, overview, posterPath, backdropPath, parts } = event.data;
  return {
    row: {
      collection_id: collectionId,
      tmdb_id: tmdbId,
      name,
      sort_key: textKeyOf(name),
      overview: overview ?? null,
      poster_path: posterPath ?? null,
      backdrop_path: backdropPath ?? null,
      revision: Number(event.revision),
      added_at: before?.row.added_at ?? event.recordedAt,
      updated_at: event.recordedAt,
    },
    parts,
  };
};

const partsOf = ({ row, parts }: Collection): readonly PartRow[] =>
  parts.map(({ tmdbId, title, releaseDate }, index) => ({
    collection_id: row.collection_id,
    nth: index + 1,
    tmdb_id: tmdbId,
    title_id: movieIdOf('tmdb', tmdbId),
    title,
    release_date: releaseDate ?? null,
  }));

/** Collections of films, with the films that belong to them, in the catalogue or not. */
export const collections = streamProjection<(typeof handles)[number], Collection | undefined>({
  name: 'collections',
  version: 1,
  handles,
  prefixes: [COLLECTION_STREAMS],
  tables: `
    create table collections (
      collection_id uuid primary key,
      tmdb_id integer not null,
      name text not null,
      -- what names are sorted by, byte by byte
      sort_key text collate "C" not null,
      overview text,
      poster_path text,
      backdrop_path text,
      revision integer not null,
      added_at timestamptz(3) not null,
      updated_at timestamptz(3) not null
    );
    create index collections_by_name on collections (sort_key, collection_id);

    create table parts (
      collection_id uuid not null,
      nth integer not null,
      tmdb_id integer not null,
      -- the id of the film that is imported by its TMDb id; it may have another
      title_id uuid not null,
      title text not null,
      release_date date,
      primary key (collection_id, nth)
    );
  `,
  initialState: undefined,
  evolve: after,
  rows: [
    streamTable(collectionsTable, (collection) => (collection ? [collection.row] : [])),
    streamTable(partsTable, (collection) => (collection ? partsOf(collection) : [])),
  ],
  changedBy: () => ['collections:list'],
});
