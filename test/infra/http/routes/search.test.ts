import { expect } from 'chai';
import { derivedId } from '../../../../src/domain/streams.js';
import { personIdOf } from '../../../../src/domain/person/personId.js';
import { complete } from '../../../../src/queries/catalogue/search/complete.js';
import { search } from '../../../../src/queries/catalogue/search/search.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../../support/providers/faultyServer.js';
import { answersOf } from '../../../support/service/answers.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

const SCORSESE = { name: 'Martin Scorsese', tmdbId: 1032, job: 'Director' } as const;
const NAMES = [{ name: 'Björk Guðmundsdóttir' }, { name: 'Heath Ledger', tmdbId: 1810 }];

const FILMS = [
  {
    ...{ title: 'Heat', year: 1995, tmdbId: 949, voteCount: 6000, posterPath: '/heat.jpg' },
    cast: [{ name: 'Robert De Niro', tmdbId: 380 }],
  },
  { ...{ title: 'The Heat', year: 2013, tmdbId: 136795, voteCount: 3000 }, cast: NAMES },
  { ...{ title: 'Taxi Driver', year: 1976, tmdbId: 103, voteCount: 9000 }, crew: [SCORSESE] },
  {
    ...{ title: 'Casino', year: 1995, tmdbId: 524, voteCount: 4000 },
    crew: [SCORSESE, { ...SCORSESE, job: 'Writer' }],
    cast: [{ name: 'Robert De Niro', tmdbId: 380 }],
  },
  { title: 'WALL·E', year: 2008, voteCount: 15000 },
  { title: 'Dead Heat', year: 1988, voteCount: 100 },
  { ...{ title: 'Gone', year: 2012, tmdbId: 5 }, cast: [{ name: 'Heath Gone' }] },
];

const idOf = (title: string): string => derivedId(`search: ${title}`);

/** What TMDb finds, by what it is asked. */
const ELSEWHERE: Readonly<Record<string, readonly object[]>> = {
  heat: [
    { id: 949, title: 'Heat', release_date: '1995-12-15' },
    { id: 11, title: 'White Heat', release_date: '1949-09-03', poster_path: '/white.jpg' },
    // Here, under a title that is not known here.
    { id: 103, title: 'Heat of New York', release_date: '1976-02-07' },
    // It was here once.
    { id: 5, title: 'Gone Heat' },
    { id: 11, title: 'White Heat' },
  ],
  'up 2009': [{ id: 14160, title: 'Up', release_date: '2009-05-28' }],
};

describe('The search box', () => {
  let tmdb: FaultyServer;
  let reellog: RunningReellog;
  let ask: ReturnType<typeof answersOf>['ask'];

  const found = async (query: string): Promise<readonly string[]> =>
    (await ask(search, `/search?providers=false&${query}`)).results.map(nameOf);
  const completed = async (typed: string, more = ''): Promise<readonly string[]> =>
    (await ask(complete, `/search/complete?q=${encodeURIComponent(typed)}${more}`)).results.map(
      nameOf,
    );
  const nameOf = (result: { readonly title: string } | { readonly name: string }): string =>
    'title' in result ? result.title : result.name;

  before(async () => {
    tmdb = await startFaultyServer(({ pathname, searchParams }, _, response) => {
      const year = searchParams.get('year');
      const asked = `${searchParams.get('query') ?? ''}${year === null ? '' : ` ${year}`}`;
      // As TMDb does, which knows no year in a text.
      const results = (year === null && /\d/.test(asked) ? undefined : ELSEWHERE[asked]) ?? [];
      if (pathname === '/3/search/movie') sendJson(response, 200, { page: 1, results });
      else sendJson(response, 404, { status_code: 34 });
    });
    reellog = await startReellog({ tmdbKey: 'a-key', tmdbUrl: `${tmdb.url}/3` });
    ({ ask } = answersOf(reellog));
    for (const film of FILMS) {
      const body = { ...film, movieId: idOf(film.title) };
      const answer = await reellog.api({ method: 'POST', path: '/movies', body });
      expect(answer.status, answer.text).to.equal(201);
    }
    await reellog.api({ method: 'DELETE', path: `/movies/${idOf('Gone')}` });
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
    await tmdb.close();
  });

  it('finds films and people, the best first, whatever is typed of the accents and in spite of typos', async () => {
    expect(await found('q=heat')).to.deep.equal(['Heat', 'The Heat', 'Heath Ledger', 'Dead Heat']);
    for (const typed of ['martin+scorsese', 'SCORSESE', 'scorcese', 'scrosese', 'martn+scorsese']) {
      expect(await found(`q=${typed}`), typed).to.deep.equal(['Martin Scorsese']);
    }
    expect(await found('q=bjork+gudmundsdottir')).to.deep.equal(['Björk Guðmundsdóttir']);
    expect(await found('q=taxi+drivr')).to.deep.equal(['Taxi Driver']);
    expect(await found('q=no+such+thing')).to.deep.equal([]);
  });

  it('tells what of it is wanted, and only so much', async () => {
    expect(await found('q=heat&types=person')).to.deep.equal(['Heath Ledger']);
    expect(await found('q=heat&types=movie&limit=1')).to.deep.equal(['Heat']);
    expect((await found('q=heat+2013'))[0]).to.equal('The Heat');
    const { status } = await reellog.api({ path: '/search?q=heat&types=studio' });
    expect(status).to.equal(400);
    const [scorsese] = (await ask(search, '/search?q=scorsese&types=person')).results;
    expect(scorsese).to.deep.include({ type: 'person', id: personIdOf(SCORSESE), movies: 2 });
  });

  it('has films that are here first, then those that TMDb finds, each once', async () => {
    const { results, providers } = await ask(search, '/search?q=heat&types=movie');
    expect(providers).to.equal('asked');
    expect(results.map(nameOf)).to.deep.equal([
      ...['Heat', 'The Heat', 'Dead Heat', 'Taxi Driver'],
      ...['White Heat', 'Gone Heat'],
    ]);
    expect(results[0]).to.deep.include({ id: idOf('Heat'), tmdbId: 949, posterPath: '/heat.jpg' });
    expect(results[4]).to.deep.equal({
      ...{ type: 'movie', tmdbId: 11, title: 'White Heat', year: 1949, posterPath: '/white.jpg' },
    });
  });

  it('means the year of a film at TMDb, too', async () => {
    const { results } = await ask(search, '/search?q=Up+(2009)');
    expect(results).to.deep.include({ type: 'movie', tmdbId: 14160, title: 'Up', year: 2009 });
  });

  it('answers with what is here where TMDb is away or is not to be asked', async () => {
    tmdb.forget();
    tmdb.always('hung');
    const away = await ask(search, '/search?q=dead+heat');
    tmdb.always(undefined);
    expect(away.providers).to.equal('away');
    expect(away.results.map(nameOf)).to.include('Dead Heat');
    expect(tmdb.received).to.have.length(1);
    for (const query of ['q=taxi&providers=false', 'q=heat&types=person']) {
      expect((await ask(search, `/search?${query}`)).providers, query).to.equal('none');
    }
    expect(tmdb.received).to.have.length(1);
  });

  it('completes what is being typed, by any word, the most voted first', async () => {
    expect(await completed('h')).to.deep.equal(['Heat', 'The Heat', 'Dead Heat']);
    expect(await completed('hea')).to.deep.equal(['Heat', 'The Heat', 'Dead Heat', 'Heath Ledger']);
    expect(await completed('the h')).to.deep.equal(['The Heat']);
    expect(await completed('walle')).to.deep.equal(['WALL·E']);
    expect(await completed('dr')).to.deep.equal(['Taxi Driver']);
    expect(await completed('robert de')).to.deep.equal(['Robert De Niro']);
    expect(await completed('hea', '&limit=2')).to.have.length(2);
    expect(await completed('hea', '&types=person')).to.deep.equal(['Heath Ledger']);
    expect(await completed('eat')).to.deep.equal([]);
  });
});
