import { expect } from 'chai';
import fc from 'fast-check';
import type { Static } from 'typebox';
import type { MovieDetails } from '../../../../src/domain/movie/events.js';
import { personIdOf } from '../../../../src/domain/person/personId.js';
import { derivedId } from '../../../../src/domain/streams.js';
import { genres } from '../../../../src/queries/catalogue/genres.js';
import { movieFacets } from '../../../../src/queries/catalogue/lists/facets.js';
import { keywords, studios } from '../../../../src/queries/catalogue/lists/names.js';
import { similarMovies } from '../../../../src/queries/catalogue/lists/similar.js';
import { movies } from '../../../../src/queries/catalogue/movies.js';
import { answersOf } from '../../../support/service/answers.js';
import { memberOf } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

const TOYS = derivedId('collection: Toys');
const LIBRARY = derivedId('library: Attic');

const FILMS: readonly (MovieDetails & { readonly libraryId?: string })[] = [
  {
    ...{
      title: 'Toy Story',
      year: 1995,
      runtimeMinutes: 81,
      communityRating: 7.7,
      voteCount: 5269,
    },
    ...{ genres: ['Animation', 'Comedy', 'Family'], studios: ['Pixar Animation Studios'] },
    ...{ keywords: ['jealousy', 'toy', 'friendship'], collectionId: TOYS, originalLanguage: 'en' },
    ...{ countries: ['US'], libraryId: LIBRARY },
    cast: [{ name: 'Tom Hanks', tmdbId: 31, character: 'Woody' }, { name: 'Tim Allen' }],
    crew: [
      { name: 'Joss Whedon', job: 'Screenplay' },
      { name: 'Ralph Eggleston', job: 'Art Direction' },
    ],
  },
  {
    ...{
      title: 'Toy Story 2',
      year: 1999,
      runtimeMinutes: 92,
      communityRating: 7.3,
      voteCount: 3806,
    },
    ...{ genres: ['Animation', 'Comedy', 'Family'], studios: ['PIXAR Animation Studios'] },
    ...{ keywords: ['museum', 'toy'], collectionId: TOYS, originalLanguage: 'en' },
    cast: [{ name: 'T. Hanks', tmdbId: 31 }, { name: 'Joan Cusack' }, { name: 'Joss Whedon' }],
    crew: [{ name: 'Ralph Eggleston', job: 'Art Direction' }],
    ...{ countries: ['US'] },
  },
  {
    ...{ title: 'Amélie', year: 2001, runtimeMinutes: 122, communityRating: 7.8, voteCount: 3310 },
    ...{ genres: ['Comedy', 'Romance'], studios: ['Claudie Ossard Productions', 'UGC'] },
    ...{ keywords: ['paris', 'friendship'], originalLanguage: 'fr', countries: ['FR', 'DE'] },
  },
  {
    ...{ title: 'Small Soldiers', year: 1998, runtimeMinutes: 108, communityRating: 6.2 },
    ...{ genres: ['Comedy', 'Adventure'], studios: ['Universal Pictures'], voteCount: 502 },
    ...{ keywords: ['toy', 'Défense'], originalLanguage: 'en', countries: ['US'] },
  },
  { ...{ title: 'Gertie', year: 1914, runtimeMinutes: 12, communityRating: 10, voteCount: 1 } },
  { ...{ title: 'Lost', genres: ['Drama'], studios: ['UGC'], keywords: ['paris'] } },
];

const idOf = (title: string): string => derivedId(`lists: ${title}`);

describe('Lists of films', () => {
  let reellog: RunningReellog;
  let ask: ReturnType<typeof answersOf>['ask'];

  const done = async (method: string, path: string, body?: object, token?: string) => {
    const sent = { method, path, ...(body ? { body } : {}), ...(token ? { token } : {}) };
    const answer = await reellog.api(sent);
    expect(answer.status, `${method} ${path}: ${answer.text}`).to.be.lessThan(300);
  };

  const titles = async (query: string, token?: string): Promise<readonly string[]> =>
    (await ask(movies, `/movies?${query}`, token)).movies.map(({ title }) => title);

  before(async () => {
    reellog = await startReellog();
    ({ ask } = answersOf(reellog));
    await done('POST', '/libraries', { libraryId: LIBRARY, name: 'Attic', kind: 'movies' });
    for (const film of FILMS) await done('POST', '/movies', { ...film, movieId: idOf(film.title) });
    await done('DELETE', `/movies/${idOf('Lost')}`);
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  it('are filtered by names whatever their case, diacritics and punctuation', async () => {
    const toys = ['Toy Story', 'Toy Story 2'];
    expect(await titles('studio=pixar+animation-studios')).to.deep.equal(toys);
    expect(await titles('keyword=DEFENSE')).to.deep.equal(['Small Soldiers']);
    expect(await titles('genre=ANIMATION')).to.deep.equal(toys);
    expect(await titles('studio=pixar')).to.deep.equal([]);
  });

  it('have any of the values of one filter, and pass all filters', async () => {
    expect(await titles('genre=Romance&genre=Adventure')).to.deep.equal([
      'Amélie',
      'Small Soldiers',
    ]);
    expect(await titles('genre=Romance&genre=Adventure&language=en')).to.deep.equal([
      'Small Soldiers',
    ]);
    expect(await titles('decade=1910&decade=2000')).to.deep.equal(['Amélie', 'Gertie']);
    expect(await titles('year=1914&year=1995')).to.deep.equal(['Gertie', 'Toy Story']);
    expect(await titles('country=DE&country=AU')).to.deep.equal(['Amélie']);
    expect(await titles(`collectionId=${TOYS}&minVotes=4000`)).to.deep.equal(['Toy Story']);
    const [hanks, allen] = [{ name: 'Tom Hanks', tmdbId: 31 }, { name: 'Tim Allen' }].map(
      personIdOf,
    );
    expect(await titles(`personId=${hanks}`)).to.deep.equal(['Toy Story', 'Toy Story 2']);
    expect(await titles(`personId=${allen}&personId=${TOYS}`)).to.deep.equal(['Toy Story']);
    expect(await titles(`libraryId=${LIBRARY.toUpperCase()}`)).to.deep.equal(['Toy Story']);
    expect(await titles('runtimeFrom=90&runtimeTo=108')).to.deep.equal([
      'Small Soldiers',
      'Toy Story 2',
    ]);
  });

  it('have those of which a file is known, or not', async () => {
    const data = { movieId: idOf('Gertie'), path: '/films/Gertie.mkv', source: 'test' };
    const actor = { userId: reellog.owner.userId, role: 'owner' } as const;
    await reellog.reellog.execute({ name: 'AttachFile', data, actor });
    await reellog.caughtUp();
    expect(await titles('hasFile=true')).to.deep.equal(['Gertie']);
    expect(await titles('hasFile=false&year=1914&year=1995')).to.deep.equal(['Toy Story']);
  });

  it('have the top rated of those with enough votes', async () => {
    expect(await titles('sort=rating&limit=1')).to.deep.equal(['Gertie']);
    expect(await titles('sort=rating&minVotes=1000')).to.deep.equal([
      'Amélie',
      'Toy Story',
      'Toy Story 2',
    ]);
  });

  it('go on in the random order of their seed, which is another for another seed', async () => {
    const inOrder = async (seed: number, order = 'asc') => {
      const found: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const path = `/movies?sort=random&seed=${seed}&order=${order}&limit=2${from}`;
        const page: Static<typeof movies.answer> = await ask(movies, path);
        found.push(...page.movies.map(({ title }) => title));
        cursor = page.nextCursor;
      }
      return found;
    };
    const orders = await Promise.all([1, 2, 3, 4].map((seed) => inOrder(seed)));
    for (const order of orders)
      expect([...order].sort()).to.deep.equal((await titles('')).toSorted());
    expect(new Set(orders.map((order) => order.join())).size).to.be.greaterThan(1);
    expect(await inOrder(1, 'desc')).to.deep.equal(orders[0]?.toReversed());
    const { nextCursor } = await ask(movies, '/movies?sort=random&seed=1&limit=2');
    const other = await reellog.api({
      path: `/movies?sort=random&seed=2&cursor=${nextCursor ?? ''}`,
    });
    expect(memberOf(other.json, 'errors', 0, 'field')).to.equal('cursor');
  });

  it('are counted as they are listed, by each genre, decade, studio and language', async () => {
    expect(await ask(movieFacets, '/movies/facets?genre=comedy&country=US')).to.deep.equal({
      total: 3,
      genres: [
        { name: 'Comedy', movies: 3 },
        { name: 'Animation', movies: 2 },
        { name: 'Family', movies: 2 },
        { name: 'Adventure', movies: 1 },
      ],
      decades: [{ decade: 1990, movies: 3 }],
      studios: [
        { name: 'PIXAR Animation Studios', movies: 2 },
        { name: 'Universal Pictures', movies: 1 },
      ],
      languages: [{ language: 'en', movies: 3 }],
    });
    const found = await ask(movieFacets, '/movies/facets?q=toy+story&yearTo=1995');
    expect(found).to.deep.include({ total: 1, decades: [{ decade: 1990, movies: 1 }] });
    expect(await ask(movieFacets, '/movies/facets?year=1890')).to.deep.equal({
      ...{ total: 0, genres: [], decades: [], studios: [], languages: [] },
    });
  });

  it('pass exactly the films that a plain comparison passes, and count them', async () => {
    const any = <T>(...values: readonly T[]) =>
      fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
    const least = (...values: readonly number[]) =>
      fc.option(fc.constantFrom(...values), { nil: undefined });
    const filters = fc.record({
      ...{ genre: any('Comedy', 'Animation', 'Drama'), language: any('en', 'fr') },
      ...{ keyword: any('toy', 'paris'), country: any('US', 'FR'), decade: any(1910, 1990) },
      ...{ yearFrom: least(1914, 1998), minVotes: least(1, 3000), minRating: least(0, 7.3) },
    });
    const passes = (film: (typeof FILMS)[number], wanted: Readonly<Record<string, unknown>>) => {
      const details: Readonly<Record<string, unknown>> = { ...film };
      const has = (filter: string, field: string): boolean => {
        const values = wanted[filter];
        const told = details[field];
        const own: readonly unknown[] = Array.isArray(told) ? told : [told];
        return !Array.isArray(values) || values.some((value) => own.includes(value));
      };
      const reaches = (filter: string, value = -1): boolean =>
        wanted[filter] === undefined || value >= Number(wanted[filter]);
      const decade = Math.floor((film.year ?? 0) / 10) * 10;
      return (
        film.title !== 'Lost' &&
        has('genre', 'genres') &&
        has('keyword', 'keywords') &&
        has('country', 'countries') &&
        has('language', 'originalLanguage') &&
        (!Array.isArray(wanted.decade) || wanted.decade.includes(decade)) &&
        reaches('yearFrom', film.year) &&
        reaches('minVotes', film.voteCount) &&
        reaches('minRating', film.communityRating)
      );
    };
    await fc.assert(
      fc.asyncProperty(filters, async (wanted) => {
        const query = new URLSearchParams(
          Object.entries(wanted).flatMap(([name, value]) =>
            [value ?? []].flat().map((one): [string, string] => [name, String(one)]),
          ),
        ).toString();
        const expected = FILMS.filter((film) => passes(film, wanted)).map(({ title }) => title);
        expect(await titles(query), query).to.have.members(expected);
        const { total } = await ask(movieFacets, `/movies/facets?${query}`);
        expect(total, query).to.equal(expected.length);
      }),
      { numRuns: 40 },
    );
  });

  it('are each person’s own where they are filtered by what is theirs', async () => {
    const { owner, member } = reellog;
    const toys = idOf('Toy Story');
    const filters = ['watched', 'rated', 'inWatchlist', 'favorite'];
    const seenBy = ({ token }: { readonly token: string }) =>
      Promise.all(filters.map((filter) => titles(`${filter}=true`, token)));
    for (const person of [owner, member, owner]) {
      expect(await seenBy(person)).to.deep.equal([[], [], [], []]);
    }
    await done('POST', `/movies/${toys}/watches`, { watched: 'now' }, member.token);
    await done('PUT', `/movies/${toys}/rating`, { rating: 8 }, member.token);
    await done('PUT', `/movies/${idOf('Gertie')}/watchlist`, undefined, member.token);
    await done('PUT', `/movies/${toys}/favorite`, undefined, member.token);
    await reellog.caughtUp();
    expect(await seenBy(member)).to.deep.equal([
      ...[['Toy Story'], ['Toy Story'], ['Gertie'], ['Toy Story']],
    ]);
    expect(await seenBy(owner)).to.deep.equal([[], [], [], []]);
    expect(await titles('watched=false&genre=animation', member.token)).to.deep.equal([
      'Toy Story 2',
    ]);
    const seen = await ask(movieFacets, '/movies/facets?watched=true', member.token);
    expect(seen).to.deep.include({ total: 1, decades: [{ decade: 1990, movies: 1 }] });
    expect((await ask(movieFacets, '/movies/facets?watched=true')).total).to.equal(0);
  });

  it('wait for one’s own play, and no longer have the film that was watched', async () => {
    const path = '/movies?watched=false&genre=Romance';
    expect(await titles('watched=false&genre=Romance')).to.deep.equal(['Amélie']);
    const { headers } = await reellog.api({
      ...{ method: 'POST', path: `/movies/${idOf('Amélie')}/watches`, body: {} },
    });
    const after = { 'Reellog-After': String(headers['reellog-position']) };
    const answer = await reellog.api({ path, headers: after });
    expect(memberOf(answer.json, 'movies')).to.deep.equal([]);
    const before = await reellog.api({
      path: `${path}&asOf=${String(BigInt(String(headers['reellog-position'])) - 1n)}`,
    });
    expect(memberOf(before.json, 'movies', 0, 'title')).to.equal('Amélie');
  });

  it('tell of a film which are like it, and why', async () => {
    const { movies: similar } = await ask(
      similarMovies,
      `/movies/${idOf('Toy Story')}/similar?limit=3`,
    );
    expect(similar.map(({ movie, reasons }) => [movie.title, reasons])).to.deep.equal([
      [
        'Toy Story 2',
        {
          ...{ collectionId: TOYS, genres: ['Animation', 'Comedy', 'Family'], keywords: ['toy'] },
          people: [
            { personId: personIdOf({ name: 'Tom Hanks', tmdbId: 31 }), name: 'Tom Hanks' },
            { personId: personIdOf({ name: 'Joss Whedon' }), name: 'Joss Whedon' },
          ],
        },
      ],
      ['Amélie', { genres: ['Comedy'], keywords: ['friendship'], people: [] }],
      ['Small Soldiers', { genres: ['Comedy'], keywords: ['toy'], people: [] }],
    ]);
    const bare = await ask(similarMovies, `/movies/${idOf('Gertie')}/similar`);
    expect(bare.movies).to.deep.equal([]);
    const removed = await reellog.api({ path: `/movies/${idOf('Lost')}/similar` });
    expect(removed.status).to.equal(404);
  });

  it('can be begun from a studio, a keyword or a genre', async () => {
    const { studios: first, nextCursor } = await ask(studios, '/studios?limit=2');
    expect(first).to.deep.equal([
      {
        ...{ name: 'Claudie Ossard Productions', movies: 1 },
        href: 'movies?studio=Claudie%20Ossard%20Productions',
      },
      {
        ...{ name: 'PIXAR Animation Studios', movies: 2 },
        href: 'movies?studio=PIXAR%20Animation%20Studios',
      },
    ]);
    const rest = await ask(studios, `/studios?limit=2&cursor=${nextCursor ?? ''}`);
    expect(rest.studios.map(({ name, movies }) => [name, movies])).to.deep.equal([
      ['UGC', 1],
      ['Universal Pictures', 1],
    ]);
    expect(rest.nextCursor).to.equal(null);
    const found = await ask(keywords, `/keywords?prefix=${encodeURIComponent('DÉF')}`);
    expect(found.keywords.map(({ name }) => name)).to.deep.equal(['Défense']);
    expect((await ask(keywords, '/keywords?prefix=%20')).keywords).to.deep.equal([]);
    const all = [
      ...(await ask(studios, '/studios')).studios,
      ...(await ask(keywords, '/keywords')).keywords,
      ...(await ask(genres, '/genres')).genres,
    ];
    for (const { href, movies } of all) {
      const [path = '', query = ''] = href.split('?');
      expect(path).to.equal('movies');
      expect(await titles(query), href).to.have.length(movies);
    }
  });

  it('follow edits of studios and keywords, removals and restorations', async () => {
    const counted = async () => {
      const found = await ask(studios, '/studios?prefix=u');
      return found.studios.map(({ name, movies }) => `${name} ${movies}`);
    };
    expect(await counted()).to.deep.equal(['UGC 1', 'Universal Pictures 1']);
    await done('POST', `/movies/${idOf('Lost')}/restore`);
    await done('PATCH', `/movies/${idOf('Small Soldiers')}`, { studios: ['ugc', 'UGC'] });
    await reellog.caughtUp();
    expect(await counted()).to.deep.equal(['UGC 3']);
    expect(await titles('studio=Universal+Pictures')).to.deep.equal([]);
    await done('PATCH', `/movies/${idOf('Small Soldiers')}`, { studios: null });
    await done('DELETE', `/movies/${idOf('Lost')}`);
    await reellog.caughtUp();
    expect(await counted()).to.deep.equal(['UGC 1']);
  });
});
