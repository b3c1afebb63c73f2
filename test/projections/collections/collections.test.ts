import type { CollectionEvent } from '../../../src/domain/collection/events.js';
import { collectionIdOf, movieIdOf } from '../../../src/domain/streams.js';
import { collections } from '../../../src/projections/collections/collections.js';
import { givenEvents } from '../../support/readModels/projectionSpecification.js';

const collectionId = collectionIdOf(10);
const parts = [
  { tmdbId: 11, title: 'Star Wars', releaseDate: '1977-05-25' },
  { tmdbId: 1891, title: 'The Empire Strikes Back', releaseDate: '1980-05-20' },
];
const imported: CollectionEvent = {
  type: 'CollectionImported',
  data: { collectionId, tmdbId: 10, name: 'Star Wars', overview: 'Far away.', parts },
};
const [, second] = parts;
const refreshed: CollectionEvent = {
  type: 'CollectionMetadataRefreshed',
  data: {
    ...{ collectionId, tmdbId: 10, name: 'Star Wars 2 Collection', posterPath: '/a.jpg' },
    parts: [...(second ? [second] : []), { tmdbId: 99, title: 'To come' }],
  },
};

describe('The collections', () => {
  it('are as they were looked up last', () =>
    givenEvents(collections, imported, refreshed).expectRows(
      'select * from collections.collections',
      ([added, last]) => [
        {
          ...{ collection_id: collectionId, tmdb_id: 10, name: 'Star Wars 2 Collection' },
          ...{ sort_key: 'star wars 12 collection', overview: null, poster_path: '/a.jpg' },
          ...{ backdrop_path: null, revision: 1 },
          ...{ added_at: added?.recordedAt, updated_at: last?.recordedAt },
        },
      ],
    ));

  it('have the films that belong to them, in order, and no longer those that left', () =>
    givenEvents(collections, imported, refreshed).expectRows(
      'select nth, tmdb_id, title_id, title, release_date::text from collections.parts order by nth',
      [
        {
          ...{ nth: 1, tmdb_id: 1891, title_id: movieIdOf('tmdb', 1891) },
          ...{ title: second?.title, release_date: second?.releaseDate },
        },
        {
          ...{ nth: 2, tmdb_id: 99, title_id: movieIdOf('tmdb', 99) },
          ...{ title: 'To come', release_date: null },
        },
      ],
    ));
});
