import { expect } from 'chai';
import fc from 'fast-check';
import type { LibraryCommand, LibraryContext } from '../../../src/domain/library/commands.js';
import { libraryDecider } from '../../../src/domain/library/library.js';
import { keepsTheLaws, lawsOf } from '../../support/deciders/deciderLaws.js';
import { eventsOf } from '../../support/deciders/deciderSteps.js';
import { NOW } from '../../support/histories/viewingCommands.js';
import { filmId } from '../../support/histories/viewingEvents.js';

const libraryId = filmId('a library');
const context: LibraryContext = { now: NOW, libraryId };
const name = fc.constantFrom('Films', 'Cinema');
const paths = fc.uniqueArray(fc.constantFrom('/mnt/a', '/mnt/b', '/mnt/c'), { maxLength: 3 });

const create = fc
  .record(
    { name, kind: fc.constantFrom('movies' as const, 'series' as const), paths },
    { requiredKeys: ['name', 'kind'] },
  )
  .map((data): LibraryCommand => ({ type: 'CreateLibrary', data, context }));
const command: fc.Arbitrary<LibraryCommand> = fc.oneof(
  { weight: 2, arbitrary: create },
  {
    weight: 3,
    arbitrary: name.map((to): LibraryCommand => ({
      type: 'RenameLibrary',
      data: { libraryId, name: to },
      context,
    })),
  },
  {
    weight: 3,
    arbitrary: paths.map((to): LibraryCommand => ({
      type: 'ChangeLibraryPaths',
      data: { libraryId, paths: to },
      context,
    })),
  },
  fc.constant<LibraryCommand>({ type: 'RemoveLibrary', data: { libraryId }, context }),
);

const lawOf = lawsOf(libraryDecider, fc.array(command, { minLength: 1, maxLength: 12 }));

describe('What becomes of a library, whatever it is,', () => {
  keepsTheLaws(libraryDecider, lawOf, { RemoveLibrary: 'refused' });

  it('ends with its removal', () => {
    lawOf((steps) => {
      const types = eventsOf(steps).map(({ type }) => type);
      const end = types.indexOf('LibraryRemoved');
      if (end >= 0) expect(types.slice(end)).to.deep.equal(['LibraryRemoved']);
      if (types.length > 0) expect(types[0]).to.equal('LibraryCreated');
    });
  });
});
