import { expect } from 'chai';
import fc from 'fast-check';
import type { Static, TSchema } from 'typebox';
import type { DomainEvent } from '../../src/domain/eventTypes.js';
import { favorites as favoritesProjection } from '../../src/projections/favorites/favorites.js';
import type { Projection } from '../../src/projections/ports/projection.js';
import { ratings as ratingsProjection } from '../../src/projections/ratings/ratings.js';
import { watchlist as watchlistProjection } from '../../src/projections/watchlist/watchlist.js';
import { InvalidParameter } from '../../src/queries/serving/cursor.js';
import { favorites } from '../../src/queries/viewing/favorites.js';
import type { Query } from '../../src/queries/query.js';
import { ratings } from '../../src/queries/viewing/ratings.js';
import { watchlist } from '../../src/queries/viewing/watchlist.js';
import { asker, asking, NotAllowed } from '../support/service/asking.js';
import {
  openReadModel,
  recorded,
  recordedAt,
  type ReadModel,
} from '../support/readModels/readModel.js';
import {
  atInstant,
  onDate,
  saidOf,
  sometime,
  viewingOf,
} from '../support/histories/viewingEvents.js';
import { viewingHistories } from '../support/histories/viewingHistories.js';

const alien = viewingOf('Ada', 'Alien');
const big = viewingOf('Ada', 'Big');
const cube = viewingOf('Ada', 'Cube');
const at = (nth: number): string => recordedAt(nth).toISOString();

/** A list over a read model of its own; `entriesOf` finds the entries in an answer. */
const listOf = <Parameters extends TSchema, Answer extends TSchema, Entry>(
  projection: Projection,
  query: Query<Parameters, Answer>,
  entriesOf: (answer: Static<Answer>) => readonly [readonly Entry[], string | null],
) => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(projection);
  });
  after(() => model.close());
  const ask = asking(query, () => model.database);
  const entries = async (parameters: Readonly<Record<string, string>> = {}, person = 'Ada') =>
    entriesOf(await ask(parameters, asker(person)))[0];

  it('comes in pages that hold every entry exactly once, in order, whatever their sizes', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(viewingHistories(), sizes, async (events, limits) => {
        await model.project([events]);
        const [whole, end] = entriesOf(await ask());
        expect(end).to.equal(null);
        const paged: Entry[] = [];
        let cursor: string | null = null;
        for (let nth = 0; nth === 0 || cursor !== null; nth += 1) {
          const limit = limits[nth % limits.length] ?? 1;
          const [page, next]: readonly [readonly Entry[], string | null] = entriesOf(
            await ask({ limit: `${limit}`, ...(cursor === null ? {} : { cursor }) }),
          );
          expect(page.length).to.be.at.most(limit);
          paged.push(...page);
          cursor = next;
        }
        expect(paged).to.deep.equal(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a cursor that is not its own and pages of more than 500, naming the field', async () => {
    const cursor = await ask({ cursor: 'x' }).catch((error: unknown) => error);
    expect(cursor).to.be.instanceOf(InvalidParameter).and.to.include({ field: 'cursor' });
    const limit = await ask({ limit: '501' }).catch((error: unknown) => error);
    expect(limit).to.be.instanceOf(NotAllowed);
  });

  return {
    ask,
    entries,
    given: (...events: readonly DomainEvent[]) => model.project([recorded(...events)]),
  };
};

describe('Asking for the watchlist', () => {
  const { given, entries } = listOf(watchlistProjection, watchlist, (answer) => [
    answer.entries,
    answer.nextCursor,
  ]);
  const titles = async (state?: string) =>
    (await entries(state === undefined ? {} : { state })).map(({ title }) => title);

  it('tells of each film where it stands and since when; what changed last comes first', async () => {
    await given(
      alien.wished(),
      viewingOf('Ada', 'Big').watched(onDate('2026-02-06'), { snapshot: { releaseYear: 1988 } }),
      cube.marked('on_hold'),
      viewingOf('Bob', 'Dune').wished(),
    );
    const entry = { wantToRewatch: false, plays: 0 };
    expect(await entries()).to.deep.equal([
      {
        ...{ ...entry, movieId: cube.titleId, title: 'Cube', state: 'on_hold' },
        ...{ addedAt: null, changedAt: at(2) },
      },
      {
        ...{ ...entry, movieId: big.titleId, title: 'Big', releaseYear: 1988, state: 'watched' },
        ...{ plays: 1, addedAt: null, changedAt: at(1) },
      },
      {
        ...{ ...entry, movieId: alien.titleId, title: 'Alien', state: 'want_to_watch' },
        ...{ addedAt: at(0), changedAt: at(0) },
      },
    ]);
  });

  it('dates a wish by what the person said, and moves nothing to the top for it', async () => {
    const [early, late] = ['2019-05-01T19:00:00.000Z', '2020-05-01T19:00:00.000Z'];
    await given(
      alien.wished(),
      saidOf(big.wished(), late),
      saidOf(big.wished(), early),
      saidOf(alien.wished(), early),
    );
    expect(
      (await entries()).map(({ title, addedAt, changedAt }) => [title, addedAt, changedAt]),
    ).to.deep.equal([
      ['Big', early, early],
      ['Alien', early, early],
    ]);
  });

  it('is filtered by state', async () => {
    await given(
      alien.wished(),
      big.watched(sometime),
      cube.marked('on_hold'),
      viewingOf('Ada', 'Dune').marked('dropped'),
    );
    expect(await titles('want_to_watch')).to.deep.equal(['Alien']);
    expect(await titles('watched')).to.deep.equal(['Big']);
    expect(await titles('on_hold')).to.deep.equal(['Cube']);
    expect(await titles('dropped')).to.deep.equal(['Dune']);
    const outcome = await titles('in_progress').catch((error: unknown) => error);
    expect(outcome, 'films are not in progress').to.be.instanceOf(NotAllowed);
  });

  it('moves a wish to watched by a play, and back when the last play is removed', async () => {
    const events = [alien.wished(), alien.watched(sometime)];
    await given(...events);
    expect(await titles('want_to_watch')).to.deep.equal([]);
    expect((await entries({ state: 'watched' }))[0]).to.include({ plays: 1, addedAt: at(0) });
    await given(...events, alien.removed());
    expect((await entries({ state: 'want_to_watch' }))[0]).to.include({ plays: 0, addedAt: at(0) });
    await given(...events, alien.removed(), alien.restored());
    expect(await titles('watched')).to.deep.equal(['Alien']);
  });

  it('moves no film for a note, an amendment, a back-dated watch or a second report', async () => {
    const order = async (...more: readonly DomainEvent[]) => {
      await given(
        ...[alien.wished(), alien.watched(atInstant(at(1)), { source: 'webhook' })],
        ...[big.watched(onDate('2026-02-06')), cube.wished(), ...more],
      );
      return titles();
    };
    const before = ['Cube', 'Big', 'Alien'];
    expect(await order()).to.deep.equal(before);
    expect(await order(alien.noted('Loud'))).to.deep.equal(before);
    expect(await order(alien.amended(onDate('2026-09-30')))).to.deep.equal(before);
    expect(
      await order(alien.watched(onDate('2026-09-30'), { play: 'second' }), big.noted('Long')),
    ).to.deep.equal(before);
    const report = alien.watched(atInstant(at(1)), { source: 'playback', play: 'second' });
    expect(await order(report, alien.linked('second'))).to.deep.equal(before);
    expect(await order(alien.watched(sometime, { play: 'second' }))).to.deep.equal([
      ...['Alien', 'Cube', 'Big'],
    ]);
    expect(await order(report, alien.removed('second'))).to.deep.equal(before);
  });

  it('forgets a film whose only play is removed, or whose wish is taken back', async () => {
    await given(alien.watched(sometime), alien.removed(), big.wished(), big.unwished());
    expect(await entries()).to.deep.equal([]);
  });

  it('has a film to watch again both as watched and as wanted', async () => {
    await given(alien.wished(), alien.watched(sometime), alien.wished());
    for (const state of ['watched', 'want_to_watch']) {
      expect(await entries({ state })).to.have.lengthOf(1);
      expect((await entries({ state }))[0]).to.include({
        // Wishing again dates the wish anew.
        ...{ state: 'watched', wantToRewatch: true, addedAt: at(2) },
      });
    }
  });

  it('keeps what was dropped dropped, whatever is watched, until it is resumed', async () => {
    const events = [alien.wished(), alien.marked('dropped'), alien.watched(sometime)];
    await given(...events);
    expect(await titles('dropped')).to.deep.equal(['Alien']);
    expect(await titles('watched')).to.deep.equal([]);
    await given(...events, alien.marked('resumed'));
    expect(await titles('watched')).to.deep.equal(['Alien']);
    await given(alien.wished(), alien.marked('on_hold'), alien.marked('resumed'));
    expect(await titles('want_to_watch')).to.deep.equal(['Alien']);
  });
});

describe('Asking for favourites', () => {
  const { given, ask, entries } = listOf(favoritesProjection, favorites, (answer) => [
    answer.favorites,
    answer.nextCursor,
  ]);

  it('tells when each became one, the newest first, each person’s own', async () => {
    const { userId, titleId, kind } = alien;
    await given(
      {
        type: 'FavoriteAdded',
        data: { userId, titleId, kind, name: { title: 'Alien', releaseYear: 1979 } },
      },
      big.liked(),
      viewingOf('Bob', 'Cube').liked(),
    );
    expect(await ask()).to.deep.equal({
      favorites: [
        { movieId: big.titleId, title: 'Big', addedAt: at(1) },
        { movieId: alien.titleId, title: 'Alien', releaseYear: 1979, addedAt: at(0) },
      ],
      nextCursor: null,
    });
    expect((await entries({}, 'Bob')).map(({ title }) => title)).to.deep.equal(['Cube']);
  });

  it('is in the order of the moments that the person said', async () => {
    const long = '2019-05-01T19:00:00.000Z';
    await given(alien.liked(), saidOf(big.liked(), long), cube.liked(), saidOf(cube.liked(), long));
    expect(new Map((await entries()).map(({ title, addedAt }) => [title, addedAt]))).to.deep.equal(
      new Map([
        ['Alien', at(0)],
        ['Cube', long],
        ['Big', long],
      ]),
    );
  });

  it('leaves out what is one no more, and takes what is one again for new', async () => {
    await given(alien.liked(), big.liked(), alien.unliked());
    expect((await entries()).map(({ title }) => title)).to.deep.equal(['Big']);
    await given(alien.liked(), big.liked(), alien.unliked(), alien.liked());
    expect((await entries()).map(({ title }) => title)).to.deep.equal(['Alien', 'Big']);
    expect((await entries())[0]).to.include({ addedAt: at(3) });
  });
});

describe('Asking for ratings', () => {
  const { given, ask, entries } = listOf(ratingsProjection, ratings, (answer) => [
    answer.ratings,
    answer.nextCursor,
  ]);

  it('tells of each the value, when it was given, and the review if there is one', async () => {
    await given(
      alien.rated(9.5),
      alien.reviewed('Nobody hears you scream.', true),
      big.rated(0),
      viewingOf('Bob', 'Alien').rated(3),
    );
    expect(await ask()).to.deep.equal({
      ratings: [
        { movieId: big.titleId, title: 'Big', rating: 0, ratedAt: at(2) },
        {
          ...{ movieId: alien.titleId, title: 'Alien', rating: 9.5, ratedAt: at(0) },
          ...{ review: 'Nobody hears you scream.', spoiler: true, reviewedAt: at(1) },
        },
      ],
      nextCursor: null,
    });
  });

  it('are of the moment that the person said, and in that order', async () => {
    await given(
      alien.rated(9.5),
      saidOf(big.rated(5), '2019-05-01T19:00:00.000Z'),
      saidOf(cube.rated(6), '2020-05-01T19:00:00.000Z'),
      saidOf(cube.reviewed('Square.'), '2021-05-01T19:00:00.000Z'),
    );
    expect(
      (await entries()).map(({ title, ratedAt, reviewedAt }) => [title, ratedAt, reviewedAt]),
    ).to.deep.equal([
      ['Alien', at(0), undefined],
      ['Cube', '2020-05-01T19:00:00.000Z', '2021-05-01T19:00:00.000Z'],
      ['Big', '2019-05-01T19:00:00.000Z', undefined],
    ]);
  });

  it('has one value for each film, the last one given; a film rated again comes first', async () => {
    await given(alien.rated(9.5), big.rated(5), alien.rated(8));
    expect((await entries()).map(({ title, rating }) => [title, rating])).to.deep.equal([
      ['Alien', 8],
      ['Big', 5],
    ]);
  });

  it('leaves out a film whose rating is taken back, though its review stays', async () => {
    await given(alien.rated(9.5), alien.reviewed('Again.'), alien.unrated(), big.reviewed('Once.'));
    expect(await entries()).to.deep.equal([]);
    await given(alien.rated(9.5), alien.reviewed('Again.'), alien.unrated(), alien.rated(7));
    expect((await entries())[0]).to.include({ rating: 7, review: 'Again.' });
  });

  it('is sorted by value if asked, the best first, over all pages', async () => {
    const values = [7, 9.5, 0, 10, 9.4, 7, 7.1];
    await given(...values.map((value, nth) => viewingOf('Ada', `Film ${nth}`).rated(value)));
    const inOrder: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Static<typeof ratings.answer> = await ask({
        ...{ sort: 'rating', limit: '2' },
        ...(cursor === null ? {} : { cursor }),
      });
      inOrder.push(...page.ratings.map(({ rating }) => rating));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(inOrder).to.deep.equal([10, 9.5, 9.4, 7.1, 7, 7, 0]);
  });
});
