import { expect } from 'chai';
import fc from 'fast-check';
import { givenEvents } from '../../support/readModels/projectionSpecification.js';
import { openReadModel, type ReadModel } from '../../support/readModels/readModel.js';
import { survivingPlays } from '../../support/histories/survivingPlays.js';
import { atInstant, personId, viewingOf } from '../../support/histories/viewingEvents.js';
import {
  pagesOf,
  pageSizes,
  viewingHistories,
  type RecordedViewing,
} from '../../support/histories/viewingHistories.js';
import { decades } from './decades.js';

const ROWS = 'select user_id, decade, films from decades.decades order by user_id, decade';

describe('The example of a read model', () => {
  const alien = viewingOf('Ada', 'Alien');
  const aliens = viewingOf('Ada', 'Aliens');
  const friday = atInstant('2026-11-20T19:30:00.000Z');
  const sunday = atInstant('2026-11-22T19:30:00.000Z');

  it('counts a film once, however often it was watched', () =>
    givenEvents(
      decades,
      alien.watched(friday, { snapshot: { releaseYear: 1979 } }),
      alien.watched(sunday, { snapshot: { releaseYear: 1979 }, play: 'second' }),
      aliens.watched(sunday, { snapshot: { releaseYear: 1986 } }),
    ).expectRows(ROWS, [
      { user_id: alien.userId, decade: 1970, films: 1 },
      { user_id: alien.userId, decade: 1980, films: 1 },
    ]));

  it('counts a film whose year becomes known later', () =>
    givenEvents(decades, alien.watched(friday), alien.learnt({ releaseYear: 1979 })).expectRows(
      ROWS,
      [{ user_id: alien.userId, decade: 1970, films: 1 }],
    ));

  it('forgets a film when its last watch was removed', () =>
    givenEvents(
      decades,
      alien.watched(friday, { snapshot: { releaseYear: 1979 } }),
      alien.removed(),
    ).expectRows(ROWS, []));
});

/** The same numbers, counted the plain way from the plays that are left. */
const countedAfresh = (events: readonly RecordedViewing[], userId: string) => {
  const films = new Map<string, number>();
  for (const play of survivingPlays(events)) {
    const { releaseYear } = play.snapshot;
    if (play.userId !== userId || releaseYear === undefined || films.has(play.titleId)) continue;
    films.set(play.titleId, Math.floor(releaseYear / 10) * 10);
  }
  return [...new Set(films.values())]
    .sort((a, b) => a - b)
    .map((decade) => ({
      user_id: userId,
      decade,
      films: [...films.values()].filter((one) => one === decade).length,
    }));
};

describe('The example of a read model, given any history', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(decades);
  });
  after(() => model.close());

  it('has what is counted afresh from the plays that are left, in whatever pages events came', () =>
    fc.assert(
      fc.asyncProperty(viewingHistories(), pageSizes, async (events, sizes) => {
        await model.project(pagesOf(events, sizes));
        const rows = await model.database.query<{ user_id: string }>({ text: ROWS });
        for (const userId of ['Ada', 'Bob'].map(personId)) {
          const own = rows.filter((row) => row.user_id === userId);
          expect(own).to.deep.equal(countedAfresh(events, userId));
        }
      }),
      { numRuns: 25 },
    ));
});
