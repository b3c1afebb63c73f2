import { expect } from 'chai';
import fc from 'fast-check';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { addDays } from '../../../src/domain/time/calendar.js';
import type { TitleSnapshot, WatchedWhen } from '../../../src/domain/viewing/events.js';
import { stats as projection } from '../../../src/projections/stats/stats.js';
import { InvalidParameter } from '../../../src/queries/serving/cursor.js';
import { stats } from '../../../src/queries/stats/stats.js';
import { asker, asking } from '../../support/service/asking.js';
import { openReadModel, recorded, type ReadModel } from '../../support/readModels/readModel.js';
import { viewingHistories } from '../../support/histories/viewingHistories.js';
import {
  atInstant,
  onDate,
  onRelease,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const watch = (film: string, watched: WatchedWhen, facts: Partial<TitleSnapshot> = {}) =>
  viewingOf('Ada', film).watched(watched, { snapshot: facts });

const nothing = {
  ...{ moviesWatched: 0, moviePlays: 0, minutesWatched: 0, minutesEstimated: 0 },
  ...{ genreBreakdown: [], decades: [], countries: [], languages: [] },
  ...{ directors: [], actors: [], studios: [] },
  ...{ weekdays: Array(7).fill(0), hours: Array(24).fill(0) },
  ...{ days: [], daysComplete: true, longestBinge: null, firstWatched: null, lastWatched: null },
  ratings: { count: 0, mean: null, distribution: [] },
};

describe('Stats', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(projection);
  });
  after(() => model.close());

  const ask = asking(stats, () => model.database);
  const given = (...events: readonly DomainEvent[]) => model.project([recorded(...events)]);

  it('list the newest 731 days of all time, and say that there are more', async () => {
    const daysOf = (count: number) =>
      Array.from({ length: count }, (_, nth) =>
        watch(`${nth}`, onDate(addDays('2020-01-01', nth))),
      );
    await given(...daysOf(731));
    expect(await ask()).to.deep.include({ daysComplete: true, firstWatched: '2020-01-01' });
    await given(...daysOf(732));
    const { days, daysComplete } = await ask();
    expect([days.length, days[0]?.date, daysComplete]).to.deep.equal([731, '2020-01-02', false]);
    const range = await ask({ period: 'range', from: '2020-01-01', to: '2029-12-31' });
    expect([range.days.length, range.daysComplete]).to.deep.equal([732, true]);
  });

  it('list every decade that there are films of', async () => {
    const decades = Array.from({ length: 30 }, (_, nth) => 1880 + nth * 10);
    await given(
      ...decades.map((releaseYear) => watch(`${releaseYear}`, sometime, { releaseYear })),
    );
    expect((await ask()).decades.map(({ name }) => Number(name))).to.deep.equal(decades);
  });

  it('of nothing are zeros and not absent, in every period', async () => {
    await given();
    const { monthlyActivity, ...rest } = await ask();
    expect(rest).to.deep.equal({ period: 'all', undatedPlays: 0, ...nothing });
    expect(monthlyActivity).to.have.lengthOf(24);
    for (const parameters of [
      { period: 'year', year: '2026' },
      { period: 'month', year: '2026', month: '2' },
      { period: 'range', from: '2026-02-01', to: '2026-02-28' },
    ]) {
      const { period: _, ...sums } = await ask(parameters);
      expect(sums).to.deep.equal(nothing);
    }
  });

  it('count a film once in each period, and each of its plays', async () => {
    const alien = viewingOf('Ada', 'Alien');
    await given(
      alien.watched(onDate('2025-12-31'), { play: 'a' }),
      alien.watched(onDate('2026-02-06'), { play: 'b' }),
      alien.watched(onDate('2026-02-07'), { play: 'c' }),
      watch('Big', onDate('2026-02-07'), { runtimeMinutes: 104 }),
    );
    const sums = async (parameters: Readonly<Record<string, string>>) => {
      const { moviesWatched, moviePlays, minutesWatched } = await ask(parameters);
      return [moviesWatched, moviePlays, minutesWatched];
    };
    expect(await sums({})).to.deep.equal([2, 4, 404]);
    expect(await sums({ period: 'year', year: '2026' })).to.deep.equal([2, 3, 304]);
    expect(await sums({ period: 'year', year: '2025' })).to.deep.equal([1, 1, 100]);
    expect(await sums({ period: 'month', year: '2026', month: '2' })).to.deep.equal([2, 3, 304]);
    expect(await sums({ period: 'month', year: '2026', month: '1' })).to.deep.equal([0, 0, 0]);
    expect(
      await sums({ period: 'range', from: '2025-12-31', to: '2026-02-06' }),
      'both ends are in a range',
    ).to.deep.equal([1, 2, 200]);
  });

  it('hold plays without a date in all time alone, and say how many those are', async () => {
    await given(
      watch('Alien', sometime),
      watch('Big', sometime, { runtimeMinutes: 104 }),
      watch('Cube', onDate('2026-02-06')),
    );
    expect(await ask()).to.deep.include({ moviesWatched: 3, minutesWatched: 304, undatedPlays: 2 });
    const year = await ask({ period: 'year', year: '2026' });
    expect(year).to.deep.include({ moviesWatched: 1, minutesWatched: 100 });
    expect(year).not.to.have.any.keys('undatedPlays', 'monthlyActivity');
    const range = await ask({ period: 'range', from: '1888-01-01', to: '9999-12-31' });
    expect(range).to.deep.include({ moviesWatched: 1, minutesWatched: 100 });
    expect(range).not.to.have.any.keys('undatedPlays', 'monthlyActivity');
  });

  it('say how many minutes rest on a fallback running time', async () => {
    await given(
      watch('Alien', onDate('2026-02-06'), { runtimeMinutes: 90, runtimeEstimated: true }),
      watch('Big', onDate('2026-02-06'), { runtimeMinutes: 104 }),
    );
    for (const parameters of [{}, { period: 'range', from: '2026-02-06', to: '2026-02-06' }]) {
      expect(await ask(parameters)).to.include({ minutesWatched: 194, minutesEstimated: 90 });
    }
  });

  it('show the last 24 months of the person’s own calendar, empty ones too', async () => {
    await given(
      watch('Alien', onDate('2023-12-31')),
      watch('Big', onDate('2024-01-01')),
      watch('Cube', onDate('2025-12-01')),
      viewingOf('Ada', 'Cube').watched(onDate('2025-12-31'), { play: 'again' }),
      watch('Dune', onDate('2026-01-01')),
    );
    // Still December in New York.
    const now = '2026-01-01T04:59:59.999Z';
    const newYork = await ask({}, asker('Ada', { now, zone: 'America/New_York' }));
    expect(newYork.monthlyActivity?.map(({ month }) => month)).to.deep.equal(
      [2024, 2025].flatMap((year) =>
        Array.from({ length: 12 }, (_, nth) => `${year}-${String(nth + 1).padStart(2, '0')}`),
      ),
    );
    expect(newYork.monthlyActivity?.filter(({ plays }) => plays > 0)).to.deep.equal([
      { month: '2024-01', movies: 1, plays: 1, minutes: 100 },
      { month: '2025-12', movies: 1, plays: 2, minutes: 200 },
    ]);
    expect(newYork.monthlyActivity?.[1]).to.deep.equal({
      ...{ month: '2024-02', movies: 0, plays: 0, minutes: 0 },
    });
    const utc = await ask({}, asker('Ada', { now }));
    expect(utc.monthlyActivity?.[0]?.month).to.equal('2024-02');
    expect(utc.monthlyActivity?.at(-1)).to.deep.include({ month: '2026-01', plays: 1 });
  });

  it('give every genre of a film all of its minutes, most first, ties by name', async () => {
    await given(
      watch('Alien', sometime, { genres: ['Horror', 'Science Fiction'], runtimeMinutes: 117 }),
      watch('Big', onDate('2026-02-06'), { genres: ['Comedy', 'Drama', 'Ärgernis'] }),
      watch('Cube', onDate('2026-02-06'), { genres: ['horror', 'adventure'] }),
    );
    const { genreBreakdown } = await ask();
    expect(genreBreakdown).to.deep.equal([
      { name: 'Horror', plays: 2, minutes: 217 },
      { name: 'Science Fiction', plays: 1, minutes: 117 },
      { name: 'Adventure', plays: 1, minutes: 100 },
      { name: 'Comedy', plays: 1, minutes: 100 },
      { name: 'Drama', plays: 1, minutes: 100 },
      { name: 'Ärgernis', plays: 1, minutes: 100 },
    ]);
    for (const period of ['all', 'range']) {
      const { genreBreakdown: some } = await ask({
        ...{ period, limit: '2' },
        ...(period === 'range' ? { from: '2026-02-06', to: '2026-02-06' } : {}),
      });
      expect(some.map(({ name }) => name)).to.deep.equal(
        period === 'range' ? ['Adventure', 'Comedy'] : ['Horror', 'Science Fiction'],
      );
    }
  });

  it('break down by decade, country, language, director, actor and studio', async () => {
    await given(
      watch('Metropolis', sometime, {
        ...{ releaseYear: 1927, countries: ['DE'], originalLanguage: 'de' },
        ...{ directors: ['Fritz Lang'], actors: ['Brigitte Helm'], studios: ['UFA'] },
      }),
      watch('Breathless', sometime, {
        ...{ releaseYear: 1960, countries: ['FR'], originalLanguage: 'fr', runtimeMinutes: 90 },
        ...{ directors: ['Jean-Luc Godard'], actors: ['Jean Seberg'], studios: ['SNC'] },
      }),
      watch('Contempt', sometime, {
        ...{ releaseYear: 1963, countries: ['FR', 'IT'], originalLanguage: 'fr' },
        ...{ directors: ['Jean-Luc Godard'], actors: ['Fritz Lang'], runtimeMinutes: 103 },
      }),
    );
    const tally = (name: string, plays: number, minutes: number) => ({ name, plays, minutes });
    expect(await ask()).to.deep.include({
      decades: [tally('1920', 1, 100), tally('1960', 2, 193)],
      countries: [tally('FR', 2, 193), tally('IT', 1, 103), tally('DE', 1, 100)],
      languages: [tally('fr', 2, 193), tally('de', 1, 100)],
      directors: [tally('Jean-Luc Godard', 2, 193), tally('Fritz Lang', 1, 100)],
      actors: [
        ...[tally('Fritz Lang', 1, 103), tally('Brigitte Helm', 1, 100)],
        tally('Jean Seberg', 1, 90),
      ],
      studios: [tally('UFA', 1, 100), tally('SNC', 1, 90)],
    });
  });

  it('tell the weekday of a day and the hour of a moment, both where the play was', async () => {
    await given(
      // A Monday morning in Tokyo, Sunday elsewhere.
      watch('Alien', atInstant('2026-02-01T22:30:00.000Z', 'Asia/Tokyo')),
      watch('Big', onDate('2026-02-01')),
      watch('Cube', sometime),
    );
    const { weekdays, hours } = await ask();
    expect(weekdays).to.deep.equal([1, 0, 0, 0, 0, 0, 1]);
    expect(hours).to.deep.equal(Array.from({ length: 24 }, (_, hour) => (hour === 7 ? 1 : 0)));
  });

  it('list days with a play in order, and name the day with most minutes, the first of several', async () => {
    await given(
      watch('Alien', onDate('2026-02-08'), { runtimeMinutes: 200 }),
      watch('Big', onDate('2026-02-06')),
      watch('Cube', onRelease('2026-02-06')),
      watch('Dune', onDate('2026-03-01')),
    );
    const days = [
      { date: '2026-02-06', plays: 2, minutes: 200 },
      { date: '2026-02-08', plays: 1, minutes: 200 },
      { date: '2026-03-01', plays: 1, minutes: 100 },
    ];
    const edges = { firstWatched: '2026-02-06', longestBinge: days[0] };
    expect(await ask()).to.deep.include({ days, ...edges, lastWatched: '2026-03-01' });
    for (const parameters of [
      { period: 'month', year: '2026', month: '2' },
      { period: 'range', from: '2026-02-01', to: '2026-02-28' },
    ]) {
      expect(await ask(parameters)).to.deep.include({
        ...{ days: days.slice(0, 2), daysComplete: true, ...edges, lastWatched: '2026-02-08' },
      });
    }
  });

  it('follow a play that is amended, removed and restored', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const year = { period: 'year', year: '2026' };
    const events: DomainEvent[] = [alien.watched(onDate('2025-02-06'))];
    const after = async (...more: readonly DomainEvent[]) => {
      events.push(...more);
      await given(...events);
      return (await ask(year)).moviesWatched;
    };
    expect(await after()).to.equal(0);
    expect(await after(alien.amended(onDate('2026-02-06')))).to.equal(1);
    expect(await after(alien.removed())).to.equal(0);
    const { period: _, monthlyActivity: __, undatedPlays: ___, ...left } = await ask();
    expect(left).to.deep.equal(nothing);
    expect(await after(alien.restored())).to.equal(1);
  });

  it('tell how all rated films were rated, whatever the period', async () => {
    const [alien, big, cube] = ['Alien', 'Big', 'Cube'].map((film) => viewingOf('Ada', film));
    if (!alien || !big || !cube) throw new Error('three films were named');
    await given(
      ...[alien.rated(9.5), big.rated(0), cube.rated(5)],
      ...[alien.rated(8), viewingOf('Ada', 'Dune').rated(8), cube.unrated()],
    );
    const ratings = {
      ...{ count: 3, mean: 5.3 },
      distribution: [
        { rating: 0, count: 1 },
        { rating: 8, count: 2 },
      ],
    };
    expect((await ask()).ratings).to.deep.equal(ratings);
    expect((await ask({ period: 'year', year: '1999' })).ratings).to.deep.equal(ratings);
  });

  it('round the mean of the ratings as arithmetic does, not as binary fractions would', async () => {
    await given(
      ...[0, 0.2, 4.6, 4.6].map((rating, nth) => viewingOf('Ada', `Film ${nth}`).rated(rating)),
    );
    expect((await ask()).ratings.mean).to.equal(2.4);
  });

  it('are each person’s own', async () => {
    await given(watch('Alien', onDate('2026-02-06')), viewingOf('Ada', 'Alien').rated(8));
    const {
      period: _,
      monthlyActivity: __,
      undatedPlays: ___,
      ...bobs
    } = await ask({}, asker('Bob'));
    expect(bobs).to.deep.equal(nothing);
  });

  it('of a range of days are what is kept of the year or month that it spans', async () => {
    await fc.assert(
      fc.asyncProperty(viewingHistories(), async (events) => {
        await model.project([events]);
        for (const [kept, from, to] of [
          [{ period: 'year', year: '2025' }, '2025-01-01', '2025-12-31'],
          [{ period: 'month', year: '2026', month: '1' }, '2026-01-01', '2026-01-31'],
        ] as const) {
          const { period: _, ...sums } = await ask(kept);
          const { period: __, ...range } = await ask({ period: 'range', from, to });
          expect(range).to.deep.equal(sums);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('ask for what a period needs, naming it', async () => {
    for (const [parameters, field] of [
      [{ period: 'year' }, 'year'],
      [{ period: 'month', month: '2' }, 'year'],
      [{ period: 'month', year: '2026' }, 'month'],
      [{ period: 'range', to: '2026-02-06' }, 'from'],
      [{ period: 'range', from: '2026-02-06' }, 'to'],
      [{ period: 'range', from: '2026-02-06', to: '2026-02-05' }, 'to'],
    ] as const) {
      const outcome = await ask(parameters).catch((error: unknown) => error);
      expect(outcome, JSON.stringify(parameters)).to.be.instanceOf(InvalidParameter);
      expect(outcome).to.include({ field });
    }
  });
});
