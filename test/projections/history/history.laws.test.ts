import { expect } from 'chai';
import fc from 'fast-check';
import { history } from '../../../src/projections/history/history.js';
import { openReadModel, type ReadModel } from '../../support/readModels/readModel.js';
import { survivingPlays, type SurvivingPlay } from '../../support/histories/survivingPlays.js';
import {
  pagesOf,
  pageSizes,
  viewingHistories,
  type RecordedViewing,
} from '../../support/histories/viewingHistories.js';

const NOON: Readonly<Record<string, string>> = {
  UTC: '12:00:00.000Z',
  // In winter.
  'America/New_York': '17:00:00.000Z',
  'Asia/Tokyo': '03:00:00.000Z',
};

/** Unknown dates first, then instants and noons; ties by recording, then by id (SEMANTICS D2.1). */
const placeOf = ({ watched, recordedAt, id }: SurvivingPlay): string => {
  const moments = {
    unknown: () => '',
    instant: () => ('instant' in watched ? watched.instant : ''),
    date: () => ('localDate' in watched ? `${watched.localDate}T${NOON[watched.zone] ?? ''}` : ''),
  };
  return [moments[watched.precision](), recordedAt, id].join(' ');
};

const expectedNumbers = (events: readonly RecordedViewing[]): ReadonlyMap<string, number> => {
  const plays = survivingPlays(events);
  return new Map(
    plays.map((play) => [
      play.id,
      plays.filter(
        ({ userId, titleId, ...other }) =>
          userId === play.userId &&
          titleId === play.titleId &&
          placeOf({ userId, titleId, ...other }) <= placeOf(play),
      ).length,
    ]),
  );
};

describe('The history of anybody', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(history);
  });
  after(() => model.close());

  it('numbers the plays of each film that count, in whatever pages the events came', async () => {
    await fc.assert(
      fc.asyncProperty(viewingHistories(), pageSizes, async (events, sizes) => {
        await model.project(pagesOf(events, sizes));
        const rows = await model.database.query<{
          play_id: string;
          rewatch_number: number | null;
          removed_at: Date | null;
        }>({ text: 'select play_id, rewatch_number, removed_at from history.plays' });
        // A play that was moved with its title is told twice.
        const told = new Set(
          events.flatMap((event) => (event.type === 'MovieWatched' ? event.data.playId : [])),
        );
        expect(rows).to.have.lengthOf(told.size);
        const numbered = new Map(
          rows.flatMap(({ play_id, rewatch_number }) =>
            rewatch_number === null ? [] : [[play_id, rewatch_number] as const],
          ),
        );
        expect([...numbered].sort()).to.deep.equal([...expectedNumbers(events)].sort());
        for (const { removed_at, rewatch_number } of rows) {
          if (removed_at !== null) expect(rewatch_number).to.equal(null);
        }
      }),
      { numRuns: 40 },
    );
  });
});
