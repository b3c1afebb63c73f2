import { expect } from 'chai';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import type { Counter } from '../../../src/domain/achievements/counters.js';
import { addDays } from '../../../src/domain/time/calendar.js';
import type { TitleSnapshot, WatchedWhen } from '../../../src/domain/viewing/events.js';
import { achievements } from '../../../src/projections/achievements/achievements.js';
import {
  openReadModel,
  recorded,
  recordedAt,
  type ReadModel,
} from '../../support/readModels/readModel.js';
import {
  atInstant,
  onDate,
  onRelease,
  personId,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

/** Ada watches some film. */
const watch = (film: string | number, watched: WatchedWhen, facts: Partial<TitleSnapshot> = {}) =>
  viewingOf('Ada', `${film}`).watched(watched, { snapshot: facts });

/** As many films, all on other days, far apart. */
const films = (count: number, facts: (nth: number) => Partial<TitleSnapshot> = () => ({})) =>
  Array.from({ length: count }, (_, nth) =>
    watch(nth, onDate(addDays('2020-01-01', nth * 3)), facts(nth)),
  );

const days = (first: string, count: number) =>
  Array.from({ length: count }, (_, nth) => watch(`${first} ${nth}`, onDate(addDays(first, nth))));

describe('Achievements', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(achievements);
  });
  after(() => model.close());

  const earned = async (events: readonly DomainEvent[]) => {
    await model.project([recorded(...events)]);
    return model.database.query<{
      achievement: string;
      earned_at: Date;
      title_id: string;
      play_id: string | null;
      watched: WatchedWhen | null;
      retroactive: boolean;
      seen_at: Date | null;
    }>({ text: 'select * from achievements.earned order by achievement' });
  };
  const idsOf = async (events: readonly DomainEvent[]) =>
    (await earned(events)).map(({ achievement }) => achievement);
  const counter = async (name: Counter) => {
    const [row] = await model.database.query<{ value: number }>({
      text: `select (counters ->> $1)::int as value from achievements.people where user_id = $2`,
      values: [name, personId('Ada')],
    });
    return row?.value;
  };

  /** Each is earned by the last of the events and not by those before it. */
  const rules: readonly (readonly [string, readonly DomainEvent[]])[] = [
    ['opening_credits', [watch('Alien', sometime)]],
    ['films:10', films(10)],
    ['films:50', films(50)],
    ['century_club', films(100)],
    ['genre_explorer:bronze', films(5, (nth) => ({ genres: [`Genre ${nth}`] }))],
    ['genre_explorer:silver', films(5, (nth) => ({ genres: [`G${nth}`, `H${nth}`] }))],
    ['genre_explorer:gold', films(5, (nth) => ({ genres: [`G${nth} & H${nth}`, `I${nth}`] }))],
    ['critics_pick', films(10, () => ({ voteAverage: 8.0 }))],
    ['time_traveler', films(5, (nth) => ({ releaseYear: 1969 + nth * 10 }))],
    ['night_owl', [watch('Alien', atInstant('2026-02-06T04:59:59.999Z'))]],
    [
      'early_bird',
      [
        watch('Alien', atInstant('2026-02-06T09:59:59.000Z', 'Europe/Lisbon')),
        watch('Big', atInstant('2026-02-06T11:59:59.000Z', 'America/New_York')),
      ],
    ],
    ['hours:24', films(15, () => ({ runtimeMinutes: 96 }))],
    ['streak:3', days('2026-01-30', 3)],
    ['streak:7', days('2024-02-26', 7)],
    [
      'countries:5',
      films(3, (nth) => ({
        countries:
          [
            ['US', 'GB'],
            ['FR', 'IT'],
            ['JP', 'US'],
          ][nth] ?? [],
      })),
    ],
    ['ratings:1', [watch('Alien', sometime), viewingOf('Ada', 'Alien').rated(0)]],
    ['reviews:1', [viewingOf('Ada', 'Alien').reviewed('In space no one can hear you scream.')]],
    ['four_in_a_day', ['A', 'B', 'C', 'D'].map((film) => watch(film, onDate('2026-02-06')))],
    [
      'five_times',
      [1, 2, 3, 4, 5].map((nth) => viewingOf('Ada', 'Alien').watched(sometime, { play: `${nth}` })),
    ],
    [
      'silver_screen',
      [watch('Metropolis', onDate('2007-01-11'), { releaseDate: '1927-01-10', releaseYear: 1927 })],
    ],
    ['premiere', [watch('Dune', onDate('2021-10-22'), { releaseDate: '2021-10-22' })]],
    // At midnight of the day it came out, by somebody whose evening was not over.
    [
      'premiere',
      [
        watch(
          'Dune',
          { ...atInstant('2021-10-22T00:30:00.000Z'), localDate: '2021-10-21' } as WatchedWhen,
          { releaseDate: '2021-10-22' },
        ),
      ],
    ],
    // Saturdays 3, 10, 17 and 24 January 2026, and their Sundays.
    [
      'weekender',
      ['2026-01-03', '2026-01-10', '2026-01-17', '2026-01-24'].flatMap((saturday) =>
        days(saturday, 2),
      ),
    ],
    ['auteur', films(10, () => ({ directors: ['Agnès Varda'] }))],
  ];
  for (const [id, events] of rules) {
    it(`${id} is earned by the event that crosses the line`, async () => {
      expect(await idsOf(events.slice(0, -1))).not.to.include(id);
      const row = (await earned(events)).find(({ achievement }) => achievement === id);
      const last = events.at(-1);
      expect(row).to.deep.include({ earned_at: recordedAt(events.length - 1) });
      if (last && 'titleId' in last.data) expect(row?.title_id).to.equal(last.data.titleId);
    });
  }

  it('ask for different films: seeing one twice is no second film', async () => {
    const twice = films(9).map(({ data }) => ({
      type: 'MovieWatched' as const,
      data: { ...data, playId: viewingOf('Ada', data.titleId).play('again') },
    }));
    expect(await idsOf([...films(9), ...twice])).not.to.include('films:10');
  });

  it('ask the night for a moment: a day alone, or a batch, has no hour', async () => {
    expect(
      await idsOf([
        watch('Alien', onDate('2026-02-06')),
        viewingOf('Ada', 'Big').watched(atInstant('2026-02-06T02:00:00.000Z'), {
          batchId: personId('batch'),
        }),
        watch('Cube', atInstant('2026-02-06T07:00:00.000Z')),
      ]),
    ).to.deep.equal(['opening_credits']);
  });

  it('are not for a film on its eightieth birthday, nor for a date taken from the release', async () => {
    const old = { releaseDate: '1927-01-10', releaseYear: 1927 };
    const dune = { releaseDate: '2021-10-22' };
    const ids = await idsOf([
      watch('Metropolis', onDate('2007-01-10'), old),
      watch('Dune', onRelease('2021-10-22'), dune),
    ]);
    expect(ids).to.deep.equal(['opening_credits']);
  });

  it('stay when what earned them is removed, while progress goes back', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const kept = await earned([alien.watched(sometime), alien.removed()]);
    expect(kept.map(({ achievement }) => achievement)).to.deep.equal(['opening_credits']);
    expect(kept[0]?.earned_at).to.deep.equal(recordedAt(0));
    expect(await counter('films')).to.equal(0);
  });

  it('are earned once, by the first play that crosses the line', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const [only] = await earned([
      alien.watched(sometime),
      alien.removed(),
      viewingOf('Ada', 'Big').watched(sometime),
    ]);
    expect(only).to.deep.include({
      earned_at: recordedAt(0),
      title_id: alien.titleId,
      play_id: alien.play(),
      watched: sometime,
    });
  });

  it('are earned by an amendment, too, and say when the play took place then', async () => {
    const big = viewingOf('Ada', 'Big');
    const events = [
      watch('Alien', onDate('2026-02-01')),
      watch('Cube', onDate('2026-02-03')),
      big.watched(onDate('2026-03-01')),
      big.amended(onDate('2026-02-02')),
    ];
    const streak = (await earned(events)).find(({ achievement }) => achievement === 'streak:3');
    expect(streak).to.deep.include({
      earned_at: recordedAt(3),
      play_id: big.play(),
      watched: onDate('2026-02-02'),
    });
  });

  it('are not earned by a second report of the same viewing', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const before = atInstant('2026-02-05T23:55:00.000Z');
    const after = atInstant('2026-02-06T00:02:00.000Z');
    const reports = recorded(
      alien.watched(before, { source: 'webhook' }),
      alien.watched(after, { source: 'webhook', play: 'second' }),
      alien.linked('second'),
    );
    // Both events of the second report come in one append.
    const appended = reports.map((event) => ({
      ...event,
      recordedAt: event === reports[2] ? recordedAt(1) : event.recordedAt,
    }));
    const read = () =>
      model.database.query<{ achievement: string }>({ text: 'select * from achievements.earned' });
    for (const pages of [[appended], appended.map((event) => [event])]) {
      await model.project(pages);
      expect((await read()).map(({ achievement }) => achievement)).to.deep.equal([
        'opening_credits',
      ]);
    }
  });

  it('stay earned by a report that a watch of the person stands for since', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const rows = await earned([
      alien.watched(atInstant('2026-02-06T00:02:00.000Z'), { source: 'webhook' }),
      alien.linked('first', 'second'),
      alien.watched(atInstant('2026-02-06T06:00:00.000Z'), { play: 'second' }),
    ]);
    expect(rows.map(({ achievement, earned_at }) => [achievement, earned_at])).to.deep.equal([
      ...[['early_bird', recordedAt(2)]],
      ...['night_owl', 'opening_credits'].map((achievement) => [achievement, recordedAt(0)]),
    ]);
  });

  it('stay earned when a later report of a play that earned them is linked to another', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const night = atInstant('2026-02-06T00:02:00.000Z');
    expect(
      await idsOf([
        alien.watched(night, { source: 'webhook' }),
        alien.watched(night, { source: 'webhook', play: 'second' }),
        alien.linked('second'),
      ]),
    ).to.include.members(['night_owl', 'opening_credits']);
  });

  it('say whether an import earned them', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const rows = await earned([
      alien.watched(sometime, { source: 'import' }),
      alien.rated(8, 'import'),
      alien.reviewed('Again.'),
    ]);
    expect(rows.map(({ achievement, retroactive }) => [achievement, retroactive])).to.deep.equal([
      ['opening_credits', true],
      ['ratings:1', true],
      ['reviews:1', false],
    ]);
  });

  it('are unseen until the person has seen them, some or all', async () => {
    const alien = viewingOf('Ada', 'Alien');
    const events = [alien.watched(sometime), alien.rated(8), alien.reviewed('Again.')];
    const userId = personId('Ada');
    const seen = async (...ids: readonly ('all' | string[])[]) =>
      (
        await earned([
          ...events,
          ...ids.map((ids) => ({
            type: 'AchievementsSeen' as const,
            data: { userId, achievements: ids },
          })),
        ])
      ).map(({ seen_at }) => seen_at);
    expect(await seen()).to.deep.equal([null, null, null]);
    expect(await seen(['ratings:1', 'no_such'])).to.deep.equal([null, recordedAt(3), null]);
    expect(await seen(['ratings:1'], 'all')).to.deep.equal([
      recordedAt(4),
      recordedAt(3),
      recordedAt(4),
    ]);
  });

  it('are each person’s own', async () => {
    await earned([watch('Alien', sometime), viewingOf('Bob', 'Alien').watched(sometime)]);
    expect(await counter('films')).to.equal(1);
  });
});
