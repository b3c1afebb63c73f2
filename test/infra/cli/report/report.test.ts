import { expect } from 'chai';
import { bar, barChart, progressBar } from '../../../../src/infra/cli/report/bars.js';
import { beside, columnsOf, fitted, padded } from '../../../../src/infra/cli/report/columns.js';
import { heatmap } from '../../../../src/infra/cli/report/heatmap.js';
import { coloured, paintFor, plain } from '../../../../src/infra/cli/report/paint.js';
import type { PersonFacts } from '../../../../src/infra/cli/report/personFacts.js';
import { personReport } from '../../../../src/infra/cli/report/personReport.js';
import { counted, duration, span } from '../../../../src/infra/cli/report/wording.js';

const FILM = '00000000-0000-4000-8000-000000000001';
const WATCH = '00000000-0000-4000-8000-000000000011';
const watched = {
  precision: 'instant',
  instant: '2026-11-20T20:00:00.000Z',
  zone: 'Europe/Berlin',
  localDate: '2026-11-20',
} as const;

const facts: PersonFacts = {
  profile: {
    id: '00000000-0000-4000-8000-000000000099',
    displayName: 'Ada',
    role: 'owner',
    timezone: 'Europe/Berlin',
    preferences: {},
    registeredAt: '2026-01-01T00:00:00.000Z',
    revision: 0,
  },
  stats: {
    period: 'all',
    moviesWatched: 1,
    moviePlays: 2,
    minutesWatched: 1_502,
    minutesEstimated: 0,
    undatedPlays: 0,
    genreBreakdown: [{ name: 'Science Fiction and Fantasy', plays: 2, minutes: 1_502 }],
    decades: [
      { name: '2020', plays: 1, minutes: 90 },
      { name: '1970', plays: 2, minutes: 324 },
    ],
    countries: [],
    languages: [],
    directors: [],
    actors: [],
    studios: [],
    weekdays: [0, 0, 0, 1, 1, 0, 0],
    hours: Array.from({ length: 24 }, () => 0),
    monthlyActivity: [],
    daysComplete: true,
    days: [
      { date: '2026-11-19', plays: 1, minutes: 162 },
      { date: '2026-11-20', plays: 1, minutes: 162 },
    ],
    longestBinge: { date: '2026-11-20', plays: 1, minutes: 162 },
    firstWatched: '2026-11-19',
    lastWatched: '2026-11-20',
    ratings: { count: 1, mean: 9.5, distribution: [{ rating: 9.5, count: 1 }] },
  },
  streaks: {
    today: '2026-11-21',
    activeToday: false,
    current: 2,
    currentStart: '2026-11-19',
    longest: 2,
    longestStart: '2026-11-19',
    longestEnd: '2026-11-20',
    weekly: {
      current: 1,
      currentStart: '2026-11-16',
      longest: 1,
      longestStart: '2026-11-16',
      longestEnd: '2026-11-16',
    },
  },
  achievements: {
    achievements: [
      {
        id: 'opening_credits',
        name: 'Opening Credits',
        description: 'Watch a film',
        progress: { current: 1, target: 1 },
        earned: {
          at: '2026-11-21T00:00:00.000Z',
          via: { movieId: FILM, watchId: WATCH, watched },
          retroactive: false,
          seen: false,
        },
      },
      {
        id: 'century_club',
        name: 'Century Club',
        description: 'Watch 100 films',
        progress: { current: 25, target: 100 },
        earned: null,
      },
    ],
    earned: 1,
    unseen: 1,
  },
  watches: [
    {
      id: WATCH,
      movieId: FILM,
      title: 'Stalker',
      releaseYear: 1979,
      watched,
      rewatchNumber: 2,
      source: 'manual',
      runtimeEstimated: false,
      runtimeMinutes: 162,
      recordedAt: '2026-11-20T22:50:00.000Z',
    },
  ],
  titles: new Map([[FILM, 'Stalker']]),
  ratingOf: new Map([[FILM, 9.5]]),
};

describe("A person's report", () => {
  it('tells what was watched, when, and what it amounts to', () => {
    const report = personReport(facts, { width: 80, paint: plain });
    for (const told of [
      'Ada (Europe/Berlin, watching since 2026-11-19)',
      '1 film · 2 watches (1 of them again) · 1 d 1 h in all · 1 rating, 9.5 on average',
      'A year of days up to 2026-11-21',
      'Now       2 days since 2026-11-19, not yet today',
      'Longest   2 days  2026-11-19 to 2026-11-20',
      'Weeks     1 week now, longest 1  2026-11-16',
      'Achievements: 1 of 2',
      '★ Opening Credits  2026-11-20  Stalker',
      '  Century Club     █████░░░░░░░░░░░░░░░ 25/100',
      '2026-11-20  Stalker (1979), watch no. 2, rated 9.5',
    ]) {
      expect(report).to.include(told);
    }
    expect(report.indexOf('1970s')).to.be.lessThan(report.indexOf('2020s'));
  });

  for (const width of [20, 40, 60, 80, 100, 120, 500]) {
    it(`fits into ${width} columns, or the fewest that can be read`, () => {
      const lines = personReport(facts, { width, paint: coloured }).split('\n');
      expect(Math.max(...lines.map(columnsOf))).to.be.at.most(Math.min(120, Math.max(40, width)));
      for (const line of lines) expect(line).to.equal(line.trimEnd());
    });
  }

  it('says the same in colours as without', () => {
    const inColours = personReport(facts, { width: 80, paint: coloured });
    const without = personReport(facts, { width: 80, paint: plain });
    expect(inColours).to.include('\u001b[');
    expect(without).not.to.include('\u001b');
    // eslint-disable-next-line no-control-regex
    expect(inColours.replace(/\u001b\[\d+m/g, '')).to.equal(without);
  });

  it('has something to say of somebody who watched nothing', () => {
    const nobody: PersonFacts = {
      ...facts,
      stats: {
        ...facts.stats,
        ...{ moviesWatched: 0, moviePlays: 0, minutesWatched: 0, days: [], weekdays: [] },
        ...{ firstWatched: null, lastWatched: null, genreBreakdown: [], decades: [] },
        ratings: { count: 0, mean: null, distribution: [] },
      },
      streaks: { ...facts.streaks, current: 0, longest: 0, longestStart: null, longestEnd: null },
      achievements: { achievements: [], earned: 0, unseen: 0 },
      watches: [],
    };
    const report = personReport(nobody, { width: 80, paint: plain });
    expect(report).to.include('0 films · 0 watches · 0 min in all · no ratings');
    expect(report).to.include('Now       none');
    expect(report).not.to.match(/undefined|NaN|null|Infinity/);
  });

  it('ends the year of days with the last watch of whoever stopped watching long ago', () => {
    const streaks = { ...facts.streaks, today: '2029-01-01', current: 0, currentStart: null };
    const report = personReport({ ...facts, streaks }, { width: 80, paint: plain });
    expect(report).to.include('A year of days up to 2026-11-20');
    expect(report).to.include('Now       none; last watched 2026-11-20');
  });
});

describe('A heatmap', () => {
  const day = (date: string, plays: number) => ({ date, plays });

  it('has a row for each weekday and a column for each week, up to the last day', () => {
    const days = [day('2026-11-16', 1), day('2026-11-20', 2), day('2026-11-15', 9)];
    const [months, mon, tue, , , fri, sat, sun] = heatmap(days, '2026-11-20', 57, plain);
    expect(months).to.match(/^ +Dec +Jan .* Oct +Nov$/);
    expect(mon).to.match(/^Mon ·{52}░$/);
    expect(tue).to.match(/^ {4}·{53}$/);
    expect(fri).to.match(/^Fri ·{52}▒$/);
    expect(sat).to.match(/^ {4}·{52}$/);
    expect(sun).to.match(/^Sun ·{51}█$/);
  });

  it('is wider where there is room, and shows fewer weeks where there is little', () => {
    const wide = heatmap([], '2026-11-20', 110, plain);
    const narrow = heatmap([], '2026-11-20', 24, plain);
    expect(columnsOf(wide[1] ?? '')).to.equal(4 + 2 * 53 - 1);
    expect(columnsOf(narrow[1] ?? '')).to.equal(24);
  });

  it('knows a leap day', () => {
    const lines = heatmap([day('2024-02-29', 1)], '2024-02-29', 57, plain);
    expect(lines[4]).to.match(/░$/);
  });
});

describe('Bars', () => {
  it('are exact to an eighth of a column, and never nothing for something', () => {
    expect(bar(1, 2, 4)).to.equal('██');
    expect(bar(5, 8, 1)).to.equal('▋');
    expect(bar(1, 10_000, 4)).to.equal('▏');
    expect(bar(0, 10, 4)).to.equal('');
    expect(bar(0, 0, 4)).to.equal('');
  });

  it('of progress are full only once the target is reached', () => {
    expect(progressBar(99, 100, 10)).to.equal('█████████░');
    expect(progressBar(100, 100, 10)).to.equal('██████████');
    expect(progressBar(120, 100, 10)).to.equal('██████████');
  });

  it('stand between their labels and values, all in line', () => {
    const rows = [
      { label: 'Drama', value: 1_200 },
      { label: 'Documentary, quite long', value: 0 },
    ];
    expect(barChart('Genres', rows, 30, plain)).to.deep.equal([
      'Genres',
      `Drama            ${'█'.repeat(7)} 1,200`,
      'Documentary, qu… 0',
    ]);
  });
});

describe('Words of a report', () => {
  it('are singular for one', () => {
    expect([0, 1, 2, 1_000].map((n) => counted(n, 'film'))).to.deep.equal([
      ...['0 films', '1 film', '2 films', '1,000 films'],
    ]);
  });

  it('give durations in the two largest units', () => {
    expect([0, 59, 60, 125, 1_440, 1_501, 5_000].map(duration)).to.deep.equal([
      ...['0 min', '59 min', '1 h', '2 h 5 min', '1 d', '1 d 1 h', '3 d 11 h'],
    ]);
  });

  it('give one day once', () => {
    expect(span('2026-01-01', '2026-01-01')).to.equal('2026-01-01');
    expect(span('2026-01-01', '2026-01-03')).to.equal('2026-01-01 to 2026-01-03');
    expect(span(null, null)).to.equal('');
  });

  it('are cut and filled by what a reader takes for a character', () => {
    expect(fitted('Amélie', 6)).to.equal('Amélie');
    expect(fitted('Amélie', 4)).to.equal('Amé…');
    expect(padded('👩‍👩‍👧', 3)).to.equal('👩‍👩‍👧  ');
  });

  it('stand beside each other only where there is room', () => {
    const block = (text: string) => () => [text];
    expect(beside(block('a'), block('b'), 72)).to.deep.equal([`a${' '.repeat(37)}b`]);
    expect(beside(block('a'), block('b'), 60)).to.deep.equal(['a', '', 'b']);
  });
});

describe('Colours', () => {
  it('are for terminals whose user wants them', () => {
    expect(paintFor({ isTTY: true }, {})).to.equal(coloured);
    expect(paintFor({ isTTY: true }, { NO_COLOR: '' })).to.equal(coloured);
    expect(paintFor({ isTTY: true }, { NO_COLOR: '1' })).to.equal(plain);
    expect(paintFor({ isTTY: true }, { TERM: 'dumb' })).to.equal(plain);
    expect(paintFor({ isTTY: false }, {})).to.equal(plain);
    expect(paintFor({}, {})).to.equal(plain);
  });
});
