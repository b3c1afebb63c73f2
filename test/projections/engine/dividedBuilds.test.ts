import { expect } from 'chai';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { viewingStream } from '../../../src/domain/streams.js';
import { projections } from '../../../src/projections/projections.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { openProjectionProcess, type ProjectionProcess } from '../../support/projectionProcess.js';
import { recordable, streamOf } from '../../support/projectionSpecification.js';
import { differencesOf, readModelRows } from '../../support/readModelRows.js';
import { rebuild } from '../../support/rebuilding.js';
import { atInstant, personId, viewingOf } from '../../support/viewingEvents.js';
import { viewingHistories, type RecordedViewing } from '../../support/viewingHistories.js';
import { dividingBuilder, leftOfShares } from './dividedTallies.js';

const PEOPLE = 5;
/** Of six rebuilds of all read models: on a busy machine they take a minute. */
const LIMIT_MS = 300_000;

describe('A build that is divided among workers', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;

  before(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, projections);
    // In histories of chance nobody may have watched anything.
    const watched = viewingOf('Cleo', 'Heat').watched(atInstant('2026-02-06T20:00:00.000Z'));
    await process.eventStore.append(streamOf(watched), [recordable(watched)], {
      expectedRevision: 'no-stream',
    });
  });
  after(async () => {
    await process.close();
    await fresh.drop();
  });

  /** Appends the history of one person as that of another, who has not been heard of before. */
  const append = async (events: readonly RecordedViewing[], somebody: string): Promise<void> => {
    for (const { type, data, metadata } of events) {
      const userId = personId(`${somebody}, who is ${data.userId}`);
      const event = { id: uuidv7(), type, data: { ...data, userId }, metadata };
      await process.eventStore.append(viewingStream(userId, data.titleId), [event], {
        expectedRevision: 'any',
      });
    }
  };
  const rowsOf = async (workers: number, mostKilobytes: number) => {
    await rebuild(
      {
        builds: process.builds,
        builder: dividingBuilder(process, projections, { workers, mostKilobytes, pageSize: 50 }),
      },
      projections,
    );
    return readModelRows(process.database);
  };

  it('comes to the rows of one that is not, whatever the history and however few rows are kept', async function () {
    this.timeout(LIMIT_MS);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(viewingHistories(), { minLength: PEOPLE, maxLength: PEOPLE }),
        fc.constantFrom(2, 3),
        fc.constantFrom(20, 10_000),
        async (histories, workers, mostKilobytes) => {
          runs += 1;
          for (const [nth, events] of histories.entries()) {
            await append(events, `person ${nth} of run ${runs}`);
          }
          const whole = await rowsOf(1, 10_000);
          const divided = await rowsOf(workers, mostKilobytes);
          expect(differencesOf(['whole', whole], ['divided', divided])).to.deep.equal([]);
          expect(divided['stats.totals']).to.have.length.greaterThan(2);
          expect(await leftOfShares(process.database)).to.deep.equal([]);
        },
      ),
      { numRuns: 3 },
    );
  });
});
