import { expect } from 'chai';
import { EventStoreError, type EventStoreFailure } from '../../../src/commands/ports/eventStore.js';
import {
  exitCodeOf,
  Interrupted,
  isExpected,
  RowsDiffer,
  RowsNotCompared,
  UsageError,
} from '../../../src/infra/cli/exitCodes.js';
import { LogsDiffer } from '../../../src/infra/eventstore/copy/compareLogs.js';
import { CopyRefused } from '../../../src/infra/eventstore/copy/copyTarget.js';
import { DatabaseUnavailable } from '../../../src/infra/postgres/databaseErrors.js';
import { DataFolderInUse } from '../../../src/infra/postgres/embedded/instanceLock.js';
import { LogNotMoved, OtherLogFollowed } from '../../../src/infra/readModels/live/followedLog.js';

const ofLog = (failure: EventStoreFailure): EventStoreError => new EventStoreError(failure, 'no');

describe('A command that fails', () => {
  const cases: readonly (readonly [what: string, error: unknown, code: number, said: boolean])[] = [
    ['used wrongly', new UsageError('no'), 2, true],
    ['beside another in its data folder', new DataFolderInUse('.data', 1), 3, true],
    ['without a database', new DatabaseUnavailable('no'), 4, true],
    ['without a log', ofLog({ kind: 'unavailable' }), 4, true],
    ['at a log that does not answer', ofLog({ kind: 'timeout' }), 4, true],
    ['at a log that it may not read', ofLog({ kind: 'access-denied' }), 4, true],
    ['that finds rows that differ', new RowsDiffer('no'), 5, true],
    ['that cannot compare rows', new RowsNotCompared('no'), 1, true],
    ['interrupted', new Interrupted('no'), 130, true],
    ['copying what may not be copied', new CopyRefused('no'), 1, true],
    ['with a copy that is not the same', new LogsDiffer('no'), 1, true],
    ['beside a service with another log', new OtherLogFollowed('no'), 1, true],
    ['with a log that was not moved', new LogNotMoved('no'), 1, true],
    ['by a mistake in the program', new TypeError('no'), 1, false],
    [
      'with an event that cannot be',
      ofLog({ kind: 'invalid-event', type: '', detail: '' }),
      1,
      false,
    ],
  ];

  for (const [what, error, code, said] of cases) {
    it(`${what} ends with ${code}, and ${said ? 'says no more than why' : 'shows where'}`, () => {
      expect({ code: exitCodeOf(error), said: isExpected(error) }).to.deep.equal({ code, said });
    });
  }
});
