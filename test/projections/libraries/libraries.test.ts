import type { LibraryEvent } from '../../../src/domain/library/events.js';
import { derivedId } from '../../../src/domain/streams.js';
import { libraries } from '../../../src/projections/libraries/libraries.js';
import { givenEvents } from '../../support/readModels/projectionSpecification.js';

const libraryId = derivedId('films');
const created: LibraryEvent = {
  type: 'LibraryCreated',
  data: { libraryId, name: 'Films', kind: 'movies', paths: ['/media/films'] },
};

describe('The libraries', () => {
  it('have the name and the paths that they were given last', () =>
    givenEvents(
      libraries,
      created,
      { type: 'LibraryRenamed', data: { libraryId, name: 'Cinema' } },
      { type: 'LibraryPathsChanged', data: { libraryId, paths: ['/a', '/b'] } },
    ).expectRows('select * from libraries.libraries', ([first]) => [
      {
        library_id: libraryId,
        name: 'Cinema',
        kind: 'movies',
        paths: ['/a', '/b'],
        created_at: first?.recordedAt,
        revision: 2,
      },
    ]));

  it('are gone when they were removed', () =>
    givenEvents(libraries, created, { type: 'LibraryRemoved', data: { libraryId } }).expectRows(
      'select * from libraries.libraries',
      [],
    ));
});
