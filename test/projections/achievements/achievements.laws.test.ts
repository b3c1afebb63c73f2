import { expect } from 'chai';
import fc from 'fast-check';
import { achievements as rules } from '../../../src/domain/achievements/achievements.js';
import { noCounters, type Counters } from '../../../src/domain/achievements/counters.js';
import { achievements } from '../../../src/projections/achievements/achievements.js';
import { openReadModel, type ReadModel } from '../../support/readModels/readModel.js';
import { personId } from '../../support/histories/viewingEvents.js';
import {
  pagesOf,
  pageSizes,
  viewingHistories,
  type RecordedViewing,
} from '../../support/histories/viewingHistories.js';
import { countedAfresh } from './countedAfresh.js';

const PEOPLE = [personId('Ada'), personId('Bob')];

/** A report that is known to be one more of the same viewing as soon as it is recorded. */
const isDuplicate = (events: readonly RecordedViewing[], nth: number): boolean => {
  const [event, next] = [events[nth], events[nth + 1]];
  return (
    event?.type === 'MovieWatched' &&
    next?.type === 'WatchLinkedAsDuplicate' &&
    next.data.playId === event.data.playId &&
    next.recordedAt.getTime() === event.recordedAt.getTime()
  );
};

const handled: ReadonlySet<string> = new Set(achievements.handles);

/** After every event, all is counted afresh: what has reached its target for the first time is earned by it. */
const earnedStepByStep = (events: readonly RecordedViewing[]) => {
  const earned = new Map<string, { earned_at: Date; title_id: string }>();
  events.forEach((event, nth) => {
    const { userId, titleId } = event.data;
    if (event.type === 'ViewingMoved') {
      for (const [key, how] of earned) {
        if (!key.startsWith(userId) || how.title_id !== titleId) continue;
        earned.set(key, { ...how, title_id: event.data.movedTo });
      }
    }
    // What is told once more under another id of its title earns nothing by that.
    if (isDuplicate(events, nth) || 'firstRecordedAt' in event.data) return;
    if (!handled.has(event.type)) return;
    const counters = countedAfresh(events.slice(0, nth + 1), userId);
    for (const { id, counter, target, step } of rules) {
      const key = `${userId} ${id}`;
      if (counters[counter] < target * step || earned.has(key)) continue;
      earned.set(key, { earned_at: event.recordedAt, title_id: titleId });
    }
  });
  return [...earned]
    .map(([key, how]) => ({ key, ...how }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
};

describe('Achievements of any history', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(achievements);
  });
  after(() => model.close());

  it('are measured by what is left of it and earned at the event that crossed the line', async () => {
    await fc.assert(
      fc.asyncProperty(viewingHistories(60), pageSizes, async (events, sizes) => {
        await model.project(pagesOf(events, sizes));
        const people = await model.database.query<{ user_id: string; counters: Counters }>({
          text: 'select user_id, counters from achievements.people',
        });
        for (const userId of PEOPLE) {
          const row = people.find(({ user_id }) => user_id === userId);
          expect(row?.counters ?? noCounters).to.deep.equal(countedAfresh(events, userId));
        }
        const earned = await model.database.query({
          text: `select user_id || ' ' || achievement as key, earned_at, title_id
                 from achievements.earned order by user_id::text, achievement collate "C"`,
        });
        expect(earned).to.deep.equal(earnedStepByStep(events));
      }),
      { numRuns: 40 },
    );
  });
});
