import { expect } from 'chai';
import type { LibraryCommand, LibraryContext } from '../../../src/domain/library/commands.js';
import type { LibraryEvent } from '../../../src/domain/library/events.js';
import { libraryDecider } from '../../../src/domain/library/library.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { NOW } from '../../support/histories/viewingCommands.js';
import { filmId } from '../../support/histories/viewingEvents.js';

type Data<Name extends LibraryCommand['type']> = Extract<LibraryCommand, { type: Name }>['data'];

const { given } = specificationOf(libraryDecider);

const libraryId = filmId('a library');
const context: LibraryContext = { now: NOW, libraryId };

const created: LibraryEvent = {
  type: 'LibraryCreated',
  data: { libraryId, name: 'Films', kind: 'movies', paths: ['/media/films'] },
};
const renamedTo = (name: string): LibraryEvent => ({
  type: 'LibraryRenamed',
  data: { libraryId, name },
});
const movedTo = (...paths: string[]): LibraryEvent => ({
  type: 'LibraryPathsChanged',
  data: { libraryId, paths },
});
const removed: LibraryEvent = { type: 'LibraryRemoved', data: { libraryId } };

const create = (data: Data<'CreateLibrary'>): LibraryCommand => ({
  type: 'CreateLibrary',
  data,
  context,
});
const rename = (name: string): LibraryCommand => ({
  type: 'RenameLibrary',
  data: { libraryId, name },
  context,
});
const move = (...paths: string[]): LibraryCommand => ({
  type: 'ChangeLibraryPaths',
  data: { libraryId, paths },
  context,
});
const remove: LibraryCommand = { type: 'RemoveLibrary', data: { libraryId }, context };

describe('Creating a library', () => {
  it('says its name, its kind and where it is', () => {
    given()
      .when(create({ name: 'Films', kind: 'movies', paths: ['/media/films'] }))
      .then(created);
  });

  it('may leave open where it is', () => {
    given()
      .when(create({ name: 'Shows', kind: 'series' }))
      .then({
        type: 'LibraryCreated',
        data: { libraryId, name: 'Shows', kind: 'series', paths: [] },
      });
  });

  it('again says nothing', () => {
    given(created)
      .when(create({ name: 'Films', kind: 'movies', paths: ['/media/films'] }))
      .thenNothing();
    given(created, movedTo('/mnt/films'))
      .when(create({ name: 'Films', kind: 'movies' }))
      .thenNothing();
  });

  it('under the id of another is refused, naming that', () => {
    for (const data of [
      { name: 'Shows', kind: 'movies' },
      { name: 'Films', kind: 'series' },
      { name: 'Films', kind: 'movies', paths: ['/mnt/films'] },
    ] satisfies readonly Data<'CreateLibrary'>[]) {
      const rejection = given(created)
        .when(create(data))
        .thenRejected('already-exists', 'library-exists');
      expect(rejection).to.include({ existingId: libraryId });
    }
  });

  it('under the id of a removed one is refused', () => {
    given(created, removed)
      .when(create({ name: 'Films', kind: 'movies' }))
      .thenRejected('already-exists', 'library-exists');
  });

  it('needs a name with something in it to see, a kind, and every path once', () => {
    for (const name of ['', ' \u00a0 ', 'x'.repeat(201), 'a\u0000b']) {
      expect(commandErrorsOf(create({ name, kind: 'movies' })), name).to.have.lengthOf(1);
    }
    expect(commandErrorsOf({ type: 'CreateLibrary', data: { name: 'Films' } })).to.have.lengthOf(1);
    for (const paths of [['/films', '/films'], [''], ['/a\u0000b'], ['x'.repeat(4097)]]) {
      const command = create({ name: 'Films', kind: 'movies', paths });
      expect(commandErrorsOf(command)).to.have.lengthOf(1);
    }
  });
});

describe('Renaming a library', () => {
  it('gives it another name, once', () => {
    given(created).when(rename('Cinema')).then(renamedTo('Cinema'));
    given(created).when(rename('Films')).thenNothing();
    given(created, renamedTo('Cinema')).when(rename('Cinema')).thenNothing();
    given(created, renamedTo('Cinema')).when(rename('Films')).then(renamedTo('Films'));
  });

  it('leaves its kind and its paths alone', () => {
    given(created, renamedTo('Cinema'))
      .when(create({ name: 'Cinema', kind: 'movies', paths: ['/media/films'] }))
      .thenNothing();
  });

  it('is refused for a library that is not there, or not any more', () => {
    given().when(rename('Cinema')).thenRejected('not-found', 'library-not-found');
    given(created, removed).when(rename('Cinema')).thenRejected('not-found', 'library-not-found');
  });
});

describe('Moving a library', () => {
  it('says all folders that it has now', () => {
    given(created).when(move('/mnt/a', '/mnt/b')).then(movedTo('/mnt/a', '/mnt/b'));
    given(created).when(move()).then(movedTo());
  });

  it('to where it is says nothing', () => {
    given(created).when(move('/media/films')).thenNothing();
    given(created, movedTo('/mnt/a', '/mnt/b')).when(move('/mnt/a', '/mnt/b')).thenNothing();
  });

  it('minds the order of its folders', () => {
    given(created, movedTo('/mnt/a', '/mnt/b'))
      .when(move('/mnt/b', '/mnt/a'))
      .then(movedTo('/mnt/b', '/mnt/a'));
  });

  it('is refused for a library that is not there, or not any more', () => {
    given().when(move('/mnt/a')).thenRejected('not-found', 'library-not-found');
    given(created, removed).when(move('/mnt/a')).thenRejected('not-found', 'library-not-found');
  });
});

describe('Removing a library', () => {
  it('removes it for good', () => {
    given(created).when(remove).then(removed);
    given(created, renamedTo('Cinema'), movedTo()).when(remove).then(removed);
  });

  it('is refused when it is not there, or not any more', () => {
    given().when(remove).thenRejected('not-found', 'library-not-found');
    given(created, removed).when(remove).thenRejected('not-found', 'library-not-found');
  });
});
