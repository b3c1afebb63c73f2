import { collectionDecider } from '../../../src/domain/collection/collection.js';
import type { CollectionCommand } from '../../../src/domain/collection/commands.js';
import type { CollectionDetails, CollectionEvent } from '../../../src/domain/collection/events.js';
import { collectionIdOf } from '../../../src/domain/streams.js';
import { specificationOf } from '../../support/deciders/deciderSpecification.js';

const { given } = specificationOf(collectionDecider);

const collectionId = collectionIdOf(264);
const first = { tmdbId: 105, title: 'Back to the Future', releaseDate: '1985-07-03' };
const second = { tmdbId: 165, title: 'Back to the Future Part II', releaseDate: '1989-11-22' };
const toCome = { tmdbId: 999, title: 'Back to the Future Part IV' };
const details: CollectionDetails = {
  ...{ tmdbId: 264, name: 'Back to the Future Collection', overview: 'A DeLorean.' },
  parts: [first, second],
};

const refresh = (data: CollectionDetails): CollectionCommand => ({
  ...{ type: 'RefreshCollection', data, context: { collectionId } },
});
const event = (type: CollectionEvent['type'], data: CollectionDetails): CollectionEvent => ({
  type,
  data: { collectionId, ...data },
});
const imported = event('CollectionImported', details);

describe('A collection that is looked up', () => {
  it('is imported the first time, its films in order of release', () => {
    given()
      .when(refresh({ ...details, parts: [toCome, second, first] }))
      .then(event('CollectionImported', { ...details, parts: [first, second, toCome] }));
  });

  it('stays as it is when nothing changes, in whatever order its films are told', () => {
    given(imported)
      .when(refresh({ ...details, parts: [second, first] }))
      .thenNothing();
  });

  it('has the films that are named now, and keeps what is no longer told', () => {
    const { overview: _, ...rest } = details;
    given(imported)
      .when(refresh({ ...rest, posterPath: '/a.jpg', parts: [second, toCome] }))
      .then(
        event('CollectionMetadataRefreshed', {
          ...details,
          ...{ posterPath: '/a.jpg', parts: [second, toCome] },
        }),
      );
  });

  it('is compared with what it was last', () => {
    const changed = { ...details, name: 'Zurück in die Zukunft' };
    given(imported, event('CollectionMetadataRefreshed', changed))
      .when(refresh(changed))
      .thenNothing();
  });
});
