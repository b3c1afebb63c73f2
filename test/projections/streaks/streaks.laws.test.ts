import { expect } from 'chai';
import fc from 'fast-check';
import { dayNumber } from '../../../src/domain/time/calendar.js';
import { streaks } from '../../../src/projections/streaks/streaks.js';
import { runsOf } from '../../../src/domain/streaks/runs.js';
import { personId } from '../../support/histories/viewingEvents.js';
import { openReadModel, type ReadModel } from '../../support/readModels/readModel.js';
import { survivingPlays } from '../../support/histories/survivingPlays.js';
import {
  pagesOf,
  pageSizes,
  viewingHistories,
  type RecordedViewing,
} from '../../support/histories/viewingHistories.js';

/** The active days of a person, from the plays that are left. */
const activeDays = (events: readonly RecordedViewing[], userId: string): readonly number[] => {
  const days = survivingPlays(events).flatMap(({ userId: whose, watched }) =>
    whose !== userId ||
    watched.precision === 'unknown' ||
    (watched.precision === 'date' && watched.released)
      ? []
      : [dayNumber(watched.localDate)],
  );
  return [...new Set(days)].sort((a, b) => a - b);
};

describe('Streaks of any history', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(streaks);
  });
  after(() => model.close());

  it('rest on the days of the plays that are left, in whatever pages the events came', async () => {
    await fc.assert(
      fc.asyncProperty(viewingHistories(), pageSizes, async (events, sizes) => {
        await model.project(pagesOf(events, sizes));
        const rows = await model.database.query<{ user_id: string; day: number }>({
          text: 'select user_id, day from streaks.days order by day',
        });
        for (const name of ['Ada', 'Bob']) {
          const userId = personId(name);
          const runs = runsOf(rows.flatMap((row) => (row.user_id === userId ? [row.day] : [])));
          const days = runs.flatMap(({ first, last }) =>
            Array.from({ length: last - first + 1 }, (_, nth) => first + nth),
          );
          expect(days).to.deep.equal(activeDays(events, userId));
          // Runs that touch are one run.
          runs.slice(1).forEach(({ first }, nth) => {
            expect(first).to.be.above((runs[nth]?.last ?? first) + 1);
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});
