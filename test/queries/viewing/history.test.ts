import { expect } from 'chai';
import fc from 'fast-check';
import type { Static } from 'typebox';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { history as projection } from '../../../src/projections/history/history.js';
import { InvalidParameter } from '../../../src/queries/serving/cursor.js';
import { history } from '../../../src/queries/viewing/history.js';
import { movieWatches } from '../../../src/queries/viewing/movieWatches.js';
import { asker, asking, NotAllowed } from '../../support/service/asking.js';
import {
  openReadModel,
  recorded,
  recordedAt,
  type ReadModel,
} from '../../support/readModels/readModel.js';
import { survivingPlays } from '../../support/histories/survivingPlays.js';
import {
  viewingHistories,
  type RecordedViewing,
} from '../../support/histories/viewingHistories.js';
import {
  atInstant,
  filmId,
  onDate,
  onRelease,
  personId,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const alien = viewingOf('Ada', 'Alien');
const big = viewingOf('Ada', 'Big');
const cube = viewingOf('Ada', 'Cube');

describe('Asking for the history', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(projection);
  });
  after(() => model.close());

  const ask = asking(history, () => model.database);
  const askOfFilm = asking(movieWatches, () => model.database);
  const given = (...events: readonly DomainEvent[]) => model.project([recorded(...events)]);
  const titles = async (parameters: Readonly<Record<string, string>> = {}) =>
    (await ask(parameters)).watches.map(({ title }) => title);

  it('tells of each watch what, when, where from and the how manieth it was', async () => {
    await given(
      alien.watched(sometime, { play: 'first', snapshot: { releaseYear: 1979 } }),
      alien.watched(atInstant('2026-02-06T20:00:00.000Z'), {
        ...{ play: 'second', source: 'webhook', note: 'Director’s cut' },
        snapshot: { releaseYear: 1979, runtimeMinutes: 116 },
      }),
    );
    const about = {
      movieId: alien.titleId,
      title: 'Alien',
      releaseYear: 1979,
      runtimeEstimated: false,
    };
    expect(await ask()).to.deep.equal({
      watches: [
        {
          ...{ id: alien.play('second'), ...about, rewatchNumber: 2, source: 'webhook' },
          ...{ watched: atInstant('2026-02-06T20:00:00.000Z'), runtimeMinutes: 116 },
          ...{ note: 'Director’s cut', recordedAt: recordedAt(1).toISOString() },
        },
        {
          ...{ id: alien.play('first'), ...about, rewatchNumber: 1, source: 'manual' },
          ...{ watched: sometime, runtimeMinutes: 100, recordedAt: recordedAt(0).toISOString() },
        },
      ],
      nextCursor: null,
    });
  });

  it('has the newest watch first and those without a date last; a day stands at its noon', async () => {
    await given(
      viewingOf('Ada', 'unknown').watched(sometime),
      viewingOf('Ada', 'morning').watched(atInstant('2026-02-06T11:59:59.000Z')),
      viewingOf('Ada', 'evening').watched(atInstant('2026-02-06T12:00:01.000Z')),
      viewingOf('Ada', 'old').watched(onDate('1999-03-31')),
      viewingOf('Ada', 'that day').watched(onDate('2026-02-06')),
    );
    expect(await titles()).to.deep.equal(['evening', 'that day', 'morning', 'old', 'unknown']);
    expect(await titles({ sort: 'recorded' })).to.deep.equal([
      ...['that day', 'old', 'evening', 'morning', 'unknown'],
    ]);
  });

  it('leaves out what was removed, until it is restored, and shows what was amended', async () => {
    const events = [
      alien.watched(onDate('2026-02-06'), { note: 'With Ash' }),
      big.watched(onDate('2026-02-07')),
      alien.amended(onDate('2026-02-08')),
      alien.noted(null),
      big.removed(),
    ];
    await given(...events);
    const { watches } = await ask();
    expect(watches.map(({ id }) => id)).to.deep.equal([alien.play()]);
    expect(watches[0]).to.deep.include({ watched: onDate('2026-02-08') });
    expect(watches[0]).not.to.have.property('note');
    await given(...events, big.restored());
    expect(await titles()).to.deep.equal(['Alien', 'Big']);
  });

  it('shows a second report of a viewing as what it is, without a number', async () => {
    await given(
      alien.watched(atInstant('2026-02-06T20:00:00.000Z')),
      alien.watched(atInstant('2026-02-06T20:05:00.000Z'), { play: 'second', source: 'webhook' }),
      alien.linked('second'),
    );
    const [second, first] = (await ask()).watches;
    expect(second).to.include({ duplicateOf: alien.play(), rewatchNumber: null });
    expect(first).to.include({ id: alien.play(), rewatchNumber: 1 });
    expect(first).not.to.have.property('duplicateOf');
  });

  it('is filtered by film and by local days, both ends included', async () => {
    await given(
      alien.watched(atInstant('2026-02-06T01:00:00.000Z', 'America/New_York')),
      big.watched(onDate('2026-02-06')),
      cube.watched(onRelease('2026-02-07')),
      alien.watched(sometime, { play: 'unknown' }),
    );
    expect(await titles({ from: '2026-02-06' })).to.deep.equal(['Cube', 'Big']);
    expect(await titles({ to: '2026-02-06' })).to.deep.equal(['Big', 'Alien']);
    expect(await titles({ from: '2026-02-05', to: '2026-02-05' })).to.deep.equal(['Alien']);
    expect(await titles({ from: '2026-02-08' })).to.deep.equal([]);
    expect(await titles({ movieId: alien.titleId })).to.deep.equal(['Alien', 'Alien']);
    expect(await titles({ movieId: alien.titleId, to: '2026-12-31' })).to.deep.equal(['Alien']);
    expect(await titles({ movieId: filmId('Dune') })).to.deep.equal([]);
  });

  it('of one film goes from the first watch to the last, second reports at the end', async () => {
    await given(
      alien.watched(atInstant('2026-02-06T20:00:00.000Z'), { play: 'third' }),
      alien.watched(atInstant('2026-02-06T20:05:00.000Z'), { play: 'report', source: 'webhook' }),
      alien.linked('report', 'third'),
      alien.watched(onDate('1999-01-01'), { play: 'second' }),
      alien.watched(sometime, { play: 'first' }),
      alien.watched(sometime, { play: 'gone' }),
      alien.removed('gone'),
      big.watched(sometime),
    );
    const { watches } = await askOfFilm({ movieId: alien.titleId });
    expect(watches.map(({ id, rewatchNumber }) => [id, rewatchNumber])).to.deep.equal([
      [alien.play('first'), 1],
      [alien.play('second'), 2],
      [alien.play('third'), 3],
      [alien.play('report'), null],
    ]);
    expect(await askOfFilm({ movieId: filmId('Dune') })).to.deep.equal({ watches: [] });
  });

  it('is each person’s own', async () => {
    await given(alien.watched(sometime), viewingOf('Bob', 'Big').watched(sometime));
    expect(await titles()).to.deep.equal(['Alien']);
    const bobs = await ask({}, asker('Bob'));
    expect(bobs.watches.map(({ title }) => title)).to.deep.equal(['Big']);
    expect(await askOfFilm({ movieId: alien.titleId }, asker('Bob'))).to.deep.equal({
      watches: [],
    });
  });

  /** All of a list, in pages of these sizes. */
  const paged = async (parameters: Readonly<Record<string, string>>, sizes: readonly number[]) => {
    const watches: Static<typeof history.answer>['watches'] = [];
    let cursor: string | null = null;
    for (let nth = 0; nth === 0 || cursor !== null; nth += 1) {
      const limit = sizes[nth % sizes.length] ?? 1;
      const page = await ask({
        ...{ ...parameters, limit: `${limit}` },
        ...(cursor === null ? {} : { cursor }),
      });
      expect(page.watches.length).to.be.at.most(limit);
      watches.push(...page.watches);
      cursor = page.nextCursor;
      if (nth > 200) throw new Error('the pages do not end');
    }
    return watches;
  };

  it('comes in pages that hold every watch exactly once, in order, whatever their sizes', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    const sort = fc.constantFrom('watched', 'recorded');
    await fc.assert(
      fc.asyncProperty(viewingHistories(), sort, sizes, async (events, by, limits) => {
        await model.project([events]);
        const whole = (await ask({ sort: by, limit: '500' })).watches;
        expect(whole.map(({ id }) => id)).to.have.members(leftOf('Ada', events));
        const counted = whole.filter(({ rewatchNumber }) => rewatchNumber !== null);
        expect(counted.map(({ id }) => id)).to.have.members(
          survivingPlays(events)
            .filter(({ userId }) => userId === personId('Ada'))
            .map(({ id }) => id),
        );
        expect(await paged({ sort: by }, limits)).to.deep.equal(whole);
      }),
      { numRuns: 40 },
    );
  });

  /** The ids of a person's watches that are not removed, whether they count or not. */
  const leftOf = (person: string, events: readonly RecordedViewing[]): readonly string[] => {
    const left = new Set<string>();
    for (const { type, data } of events) {
      if (data.userId !== personId(person)) continue;
      if (type === 'MovieWatched' || type === 'WatchRestored') left.add(data.playId);
      if (type === 'WatchRemoved') left.delete(data.playId);
    }
    return [...left];
  };

  it('keeps watches of two films apart that a client gave one id', async () => {
    const [one, other] = [alien.watched(sometime), big.watched(sometime)];
    await given(one, { ...other, data: { ...other.data, playId: alien.play() } });
    const whole = await titles();
    expect(whole).to.have.members(['Alien', 'Big']);
    expect((await paged({}, [1])).map(({ title }) => title)).to.deep.equal(whole);
  });

  it('has 100 watches on a page unless asked otherwise, and never more than 500', async () => {
    await given(
      ...Array.from({ length: 101 }, (_, nth) => alien.watched(sometime, { play: `${nth}` })),
    );
    const { watches, nextCursor } = await ask();
    expect(watches).to.have.lengthOf(100);
    expect((await ask({ cursor: nextCursor ?? '' })).watches).to.have.lengthOf(1);
    for (const limit of ['0', '501', '1.5', 'all']) {
      const outcome = await ask({ limit }).catch((error: unknown) => error);
      expect(outcome, limit).to.be.instanceOf(NotAllowed);
    }
  });

  it('reads a page by an index in its order, whatever the length of the history', async () => {
    await given(
      ...Array.from({ length: 2_000 }, (_, nth) =>
        alien.watched(atInstant(new Date(Date.UTC(2020, 0, 1, nth)).toISOString()), {
          play: `${nth}`,
        }),
      ),
    );
    await model.database.query({ text: 'analyze history.plays' });
    const explained = async (sort: 'watched' | 'recorded'): Promise<string> => {
      let plan = '';
      const readModels = createServedReadModels(model.database).now();
      await history.read({ sort, limit: 50 }, asker('Ada'), {
        query: async ({ text, values = [] }) => {
          plan = JSON.stringify(await readModels.query({ text: `explain ${text}`, values }));
          return [];
        },
      });
      return plan;
    };
    for (const [sort, index] of [
      ['watched', 'plays_by_moment'],
      ['recorded', 'plays_by_recording'],
    ] as const) {
      const plan = await explained(sort);
      expect(plan).to.include(`Index Scan Backward using ${index}`).and.not.to.include('Sort');
    }
  });

  it('refuses days turned around and cursors of another list, naming them', async () => {
    await given(alien.watched(onDate('2026-02-06')), big.watched(onDate('2026-02-07')));
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const [parameters, field] of [
      [{ from: '2026-02-07', to: '2026-02-06' }, 'to'],
      [{ cursor: 'x' }, 'cursor'],
      [{ cursor: made([1, alien.play()]) }, 'cursor'],
      [{ cursor: made(['2026-02-30', alien.play()]) }, 'cursor'],
      [{ cursor: made(['+012026-02-06T12:00:00.000Z', alien.play()]) }, 'cursor'],
      [{ cursor: made(['2026-02-06T12:00:00.000Z', 'Alien']) }, 'cursor'],
    ] as const) {
      const outcome = await ask(parameters).catch((error: unknown) => error);
      expect(outcome, JSON.stringify(parameters)).to.be.instanceOf(InvalidParameter);
      expect(outcome).to.include({ field });
    }
  });
});
