import { expect } from 'chai';
import fc from 'fast-check';
import { genreNames } from '../../../src/domain/movie/genres.js';
import { localHourOf } from '../../../src/domain/time/localTime.js';
import { stats } from '../../../src/projections/stats/stats.js';
import { openReadModel, type ReadModel } from '../../support/readModels/readModel.js';
import { survivingPlays, type SurvivingPlay } from '../../support/histories/survivingPlays.js';
import {
  pagesOf,
  pageSizes,
  viewingHistories,
  type RecordedViewing,
} from '../../support/histories/viewingHistories.js';

type Row = Record<string, string | number>;

const sorted = (rows: readonly Row[]): readonly string[] =>
  rows
    .map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort();

const groupBy = <T>(items: readonly T[], keysOf: (item: T) => readonly string[]) => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of keysOf(item)) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

const minutesOf = (plays: readonly SurvivingPlay[]): number =>
  plays.reduce((sum, { snapshot }) => sum + snapshot.runtimeMinutes, 0);

const isDated = ({ watched }: SurvivingPlay) => watched.precision !== 'unknown';
const dateOf = ({ watched }: SurvivingPlay) =>
  watched.precision === 'unknown' ? '' : watched.localDate;

const periodsOf = (play: SurvivingPlay) =>
  isDated(play) ? ['all', dateOf(play).slice(0, 4), dateOf(play).slice(0, 7)] : ['all'];

const thingsOf = ({ snapshot, watched }: SurvivingPlay): readonly string[] => [
  ...genreNames(snapshot.genres).map((name) => `genre|${name}`),
  ...snapshot.countries.map((name) => `country|${name}`),
  ...snapshot.directors.map((name) => `director|${name}`),
  ...snapshot.actors.map((name) => `actor|${name}`),
  ...snapshot.studios.map((name) => `studio|${name}`),
  ...(snapshot.releaseYear === undefined
    ? []
    : [`decade|${String(snapshot.releaseYear).slice(0, 3)}0`]),
  ...(snapshot.originalLanguage === undefined ? [] : [`language|${snapshot.originalLanguage}`]),
  ...(watched.precision === 'unknown'
    ? []
    : [`weekday|${new Date(watched.localDate).getUTCDay() || 7}`]),
  ...(watched.precision === 'instant'
    ? [`hour|${localHourOf(watched.instant, watched.zone)}`]
    : []),
];

/** Counted afresh from the plays that are left and the ratings that stand. */
const expectedRows = (events: readonly RecordedViewing[]) => {
  const plays = survivingPlays(events);
  const ratings = new Map<string, { user_id: string; name: string }>();
  for (const { type, data, stream } of events) {
    if (type === 'TitleRated') {
      ratings.set(stream, { user_id: data.userId, name: data.rating.toFixed(1) });
    }
    if (type === 'RatingRemoved' || type === 'ViewingMoved') ratings.delete(stream);
  }
  const totals = groupBy(plays, (play) => periodsOf(play).map((p) => `${play.userId}|${p}`));
  const tallies = groupBy(plays, (play) =>
    periodsOf(play).flatMap((p) => thingsOf(play).map((thing) => `${play.userId}|${p}|${thing}`)),
  );
  const days = groupBy(plays.filter(isDated), (play) => [`${play.userId}|${dateOf(play)}`]);
  const rated = groupBy([...ratings.values()], ({ user_id, name }) => [`${user_id}|${name}`]);
  return {
    totals: [...totals].map(([key, group]) => {
      const [user_id = '', period = ''] = key.split('|');
      return {
        user_id,
        period,
        plays: group.length,
        titles: new Set(group.map(({ titleId }) => titleId)).size,
        minutes: minutesOf(group),
        minutes_estimated: minutesOf(group.filter(({ snapshot }) => snapshot.runtimeEstimated)),
        undated: group.filter((play) => !isDated(play)).length,
      };
    }),
    tallies: [
      ...[...tallies].map(([key, group]) => {
        const [user_id = '', period = '', kind = '', name = ''] = key.split('|');
        return { user_id, period, kind, name, plays: group.length, minutes: minutesOf(group) };
      }),
      ...[...rated].map(([key, group]) => {
        const [user_id = '', name = ''] = key.split('|');
        return { user_id, period: 'all', kind: 'rating', name, plays: group.length, minutes: 0 };
      }),
    ],
    days: [...days].map(([key, group]) => {
      const [user_id = '', local_date = ''] = key.split('|');
      return { user_id, local_date, plays: group.length, minutes: minutesOf(group) };
    }),
  };
};

describe('Stats of any history', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(stats);
  });
  after(() => model.close());

  it('are what the plays that are left add up to, in whatever pages the events came', async () => {
    await fc.assert(
      fc.asyncProperty(viewingHistories(), pageSizes, async (events, sizes) => {
        await model.project(pagesOf(events, sizes));
        const read = (table: string) =>
          model.database.query<Row>({ text: `select * from stats.${table}` });
        const expected = expectedRows(events);
        expect(sorted(await read('totals'))).to.deep.equal(sorted(expected.totals));
        expect(sorted(await read('tallies'))).to.deep.equal(sorted(expected.tallies));
        expect(sorted(await read('days'))).to.deep.equal(sorted(expected.days));
      }),
      { numRuns: 40 },
    );
  });
});
