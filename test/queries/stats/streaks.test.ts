import { expect } from 'chai';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { addDays } from '../../../src/domain/time/calendar.js';
import type { WatchedWhen } from '../../../src/domain/viewing/events.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { streaks as projection } from '../../../src/projections/streaks/streaks.js';
import { createQueries } from '../../../src/queries/queries.js';
import { streaks } from '../../../src/queries/stats/streaks.js';
import { asker, asking } from '../../support/service/asking.js';
import { memberOf } from '../../support/service/httpClient.js';
import { openReadModel, recorded, type ReadModel } from '../../support/readModels/readModel.js';
import {
  atInstant,
  onDate,
  onRelease,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const watch = (film: string | number, watched: WatchedWhen) =>
  viewingOf('Ada', `${film}`).watched(watched);

/** A film a day. */
const days = (first: string, count: number) =>
  Array.from({ length: count }, (_, nth) => watch(`${first} ${nth}`, onDate(addDays(first, nth))));

const none = { current: 0, currentStart: null, longest: 0, longestStart: null, longestEnd: null };

describe('Streaks', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(projection);
  });
  after(() => model.close());

  const ask = asking(streaks, () => model.database);
  const given = (...events: readonly DomainEvent[]) => model.project([recorded(...events)]);
  const at = (now: string, zone = 'UTC') => ask({}, asker('Ada', { now, zone }));

  it('of nobody’s watching are none', async () => {
    await given();
    expect(await at('2026-02-06T12:00:00.000Z')).to.deep.equal({
      ...{ today: '2026-02-06', activeToday: false, ...none, weekly: none },
    });
  });

  it('end by time alone: alive today and yesterday, over the day after', async () => {
    await given(...days('2026-02-02', 3));
    const longest = { longest: 3, longestStart: '2026-02-02', longestEnd: '2026-02-04' };
    const current = { current: 3, currentStart: '2026-02-02' };
    expect(await at('2026-02-04T23:59:59.999Z')).to.deep.include({
      ...{ today: '2026-02-04', activeToday: true, ...current, ...longest },
    });
    expect(await at('2026-02-05T00:00:00.000Z')).to.deep.include({
      ...{ today: '2026-02-05', activeToday: false, ...current, ...longest },
    });
    expect(await at('2026-02-06T00:00:00.000Z')).to.deep.include({
      ...{ today: '2026-02-06', activeToday: false, current: 0, currentStart: null, ...longest },
    });
  });

  it('take the night for today where the person’s day ends later than midnight', async () => {
    await given(...days('2026-02-05', 2));
    const night = { now: '2026-02-07T03:59:59.000Z', dayEndsAt: '04:00' };
    expect(await ask({}, asker('Ada', night))).to.deep.include({
      ...{ today: '2026-02-06', activeToday: true, current: 2 },
    });
    expect(await ask({}, asker('Ada', { ...night, now: '2026-02-07T04:00:00.000Z' }))).to.include({
      ...{ today: '2026-02-07', activeToday: false },
    });
  });

  it('take today from the person’s zone now, and days from where the plays were then', async () => {
    // 23:30 on the 1st and 00:15 on the 2nd in India: one day in UTC.
    await given(
      watch('Alien', atInstant('2026-02-01T18:00:00.000Z', 'Asia/Kolkata')),
      watch('Big', atInstant('2026-02-01T18:45:00.000Z', 'Asia/Kolkata')),
    );
    const days = { longest: 2, longestStart: '2026-02-01', longestEnd: '2026-02-02' };
    const now = '2026-02-03T20:00:00.000Z';
    expect(await at(now, 'America/New_York')).to.deep.include({
      ...{ today: '2026-02-03', current: 2, currentStart: '2026-02-01', ...days },
    });
    expect(await at(now, 'Asia/Kolkata')).to.deep.include({
      ...{ today: '2026-02-04', current: 0, currentStart: null, ...days },
    });
    // West of where the plays were, their last day is still to come.
    expect(await at('2026-02-01T19:00:00.000Z', 'Pacific/Honolulu')).to.deep.include({
      ...{
        today: '2026-02-01',
        activeToday: true,
        current: 1,
        currentStart: '2026-02-01',
        ...days,
      },
    });
  });

  it('count days, not watches, and neither release dates nor unknown ones', async () => {
    await given(
      watch('Alien', onDate('2026-02-01')),
      watch('Big', onDate('2026-02-01')),
      watch('Cube', onRelease('2026-02-02')),
      watch('Dune', sometime),
    );
    expect(await at('2026-02-02T12:00:00.000Z')).to.deep.include({
      ...{ current: 1, activeToday: false, longest: 1, longestEnd: '2026-02-01' },
    });
  });

  it('split when a day loses its only play and join again when it is restored', async () => {
    const big = viewingOf('Ada', 'Big');
    const events = [
      watch('Alien', onDate('2026-02-01')),
      big.watched(onDate('2026-02-02')),
      watch('Cube', onDate('2026-02-03')),
    ];
    const now = '2026-02-03T12:00:00.000Z';
    await given(...events, big.removed());
    expect(await at(now)).to.deep.include({
      ...{ current: 1, currentStart: '2026-02-03' },
      // The later of two that are as long.
      ...{ longest: 1, longestStart: '2026-02-03', longestEnd: '2026-02-03' },
    });
    await given(...events, big.removed(), big.restored());
    expect(await at(now)).to.deep.include({ current: 3, longest: 3, currentStart: '2026-02-01' });
    await given(...events, big.amended(onDate('2026-02-04')));
    expect(await at(now)).to.deep.include({ current: 1, longest: 2, longestEnd: '2026-02-04' });
  });

  it('are told in weeks, too, which begin on Monday', async () => {
    await given(
      // A Sunday, then Mondays of the next two weeks, then nothing for a week.
      watch('Alien', onDate('2026-01-04')),
      watch('Big', onDate('2026-01-05')),
      watch('Cube', onDate('2026-01-12')),
      watch('Dune', onDate('2026-01-30')),
    );
    const longest = { longest: 3, longestStart: '2025-12-29', longestEnd: '2026-01-12' };
    const weekly = async (now: string) => (await at(`${now}T12:00:00.000Z`)).weekly;
    expect(await weekly('2026-01-18')).to.deep.equal({
      ...{ current: 3, currentStart: '2025-12-29', ...longest },
    });
    // The week after still has time to go on with it.
    expect(await weekly('2026-01-25')).to.deep.include({ current: 3 });
    expect(await weekly('2026-02-08')).to.deep.equal({
      ...{ current: 1, currentStart: '2026-01-26', ...longest },
    });
    expect(await weekly('2026-02-09')).to.deep.equal({
      ...{ current: 0, currentStart: null, ...longest },
    });
  });

  it('are asked anew on another day: an answer that was kept is yesterday’s', async () => {
    await given(...days('2026-02-02', 3));
    const queries = createQueries({
      readModels: createServedReadModels(model.database),
      notices: { follow: () => () => undefined },
    });
    const current = async (now: string, zone = 'UTC') => {
      const answer = await queries.ask(streaks, {}, asker('Ada', { now, zone }));
      return memberOf(JSON.parse(String(answer?.body)), 'current');
    };
    expect(await current('2026-02-05T23:00:00.000Z')).to.equal(3);
    expect(await current('2026-02-06T00:00:00.000Z')).to.equal(0);
    expect(await current('2026-02-06T00:00:00.000Z', 'America/New_York')).to.equal(3);
    queries.close();
  });

  it('are each person’s own', async () => {
    await given(...days('2026-02-02', 3));
    const now = '2026-02-04T12:00:00.000Z';
    expect(await ask({}, asker('Bob', { now }))).to.deep.include({ ...none, weekly: none });
  });
});
