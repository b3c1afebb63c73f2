import { expect } from 'chai';
import { ProviderFailure } from '../../../src/commands/ports/movieProvider.js';
import { MovieDetails } from '../../../src/domain/movie/events.js';
import { collectionIdOf } from '../../../src/domain/streams.js';
import { validator } from '../../../src/domain/validation.js';
import { createTmdb, tmdbProvider } from '../../../src/infra/metadata/tmdb/tmdb.js';
import { collectionOf } from '../../../src/infra/metadata/tmdb/tmdbCollection.js';
import { detailsOf } from '../../../src/infra/metadata/tmdb/tmdbMovie.js';
import { createOutgoing, type Outgoing } from '../../../src/infra/outgoing/outgoing.js';
import {
  hasRecordedTmdb,
  startTmdbDouble,
  type TmdbDouble,
} from '../../support/providers/tmdbDouble.js';
import { needs } from '../../support/run/datasets.js';
import { testLogger } from '../../support/run/logger.js';

const check = validator(MovieDetails);

describe('TMDb', () => {
  let server: TmdbDouble;
  let outgoing: Outgoing;
  const { signal } = new AbortController();

  before(async function () {
    needs(this, hasRecordedTmdb(), 'recorded answers of TMDb');
    server = await startTmdbDouble();
  });

  after(async () => {
    await server.close();
  });

  const tmdb = ({ key = 'a-key', language = 'en-US' } = {}) => {
    const settings = { key, language, baseUrl: `${server.url}/3` };
    outgoing = createOutgoing(tmdbProvider(settings, false), { logger: testLogger });
    return createTmdb(outgoing, settings);
  };

  afterEach(async () => {
    server.always(undefined);
    await outgoing.close();
    expect(server.wrong).to.deep.equal([]);
  });

  it('tells all it knows of a film', async () => {
    const details = await tmdb().getMovieMetadata(47964, signal);
    const { collectionTmdbId, ...told } = details ?? {};
    expect(collectionTmdbId).to.equal(1570);
    expect(check(told)).to.have.property('ok', true);
    expect(details).to.include({
      collectionId: collectionIdOf(1570),
      title: 'A Good Day to Die Hard',
      releaseDate: '2013-02-06',
      runtimeMinutes: 98,
      contentRating: 'R',
      ratingLevel: 17,
      budget: 92_000_000,
      originalLanguage: 'en',
      posterPath: '/qJ0csDXAVFMsNn0cRcjy6W6PxAK.jpg',
      tmdbId: 47964,
      imdbId: 'tt1606378',
    });
    expect(details).to.not.have.any.keys('voteCount', 'communityRating');
    expect(details?.directors).to.deep.equal(['John Moore']);
    expect(details?.writers).to.include('Skip Woods');
    expect(details?.genres).to.deep.equal(['Action', 'Thriller']);
    expect(details?.cast?.[0]).to.deep.equal({
      ...{ name: 'Bruce Willis', character: 'John McClane', tmdbId: 62 },
    });
    expect(details?.crew).to.deep.include({
      ...{ name: 'John Moore', job: 'Director', department: 'Directing', tmdbId: 12028 },
    });
    expect(details?.videos?.[0]).to.include.keys('site', 'key', 'type', 'publishedAt');
    expect(details?.images?.map(({ kind }) => kind)).to.include.members(['poster', 'backdrop']);
    expect(Buffer.byteLength(JSON.stringify(details))).to.be.lessThan(512 * 1024);
    expect(details?.releases).to.deep.include({
      country: 'US',
      date: '2013-02-14',
      type: 'theatrical',
      certification: 'R',
    });
    expect(details?.keywords).to.include('father son reunion');
    expect(details?.countries).to.deep.equal(['US']);
  });

  it('tells it in the language that is configured, with the rating of its country', async () => {
    const details = await tmdb({ language: 'it' }).getMovieMetadata(47964, signal);
    expect(details).to.include({ title: 'Die Hard - Un buon giorno per morire' });
    expect(await tmdb({ language: 'de-DE' }).getMovieMetadata(47964, signal)).to.include({
      contentRating: '16',
      ratingLevel: 16,
    });
  });

  it('takes a token of version 4 as well', async () => {
    const details = await tmdb({ key: 'a.good.token' }).getMovieMetadata(47964, signal);
    expect(details).to.have.property('tmdbId', 47964);
    expect(server.received.at(-1)?.url.searchParams.has('api_key')).to.equal(false);
  });

  it('does not know every id', async () => {
    expect(await tmdb().getMovieMetadata(999999999, signal)).to.equal(undefined);
  });

  it('tells a collection with its films, and does not know every one', async () => {
    const collection = await tmdb().getCollection(264, signal);
    const { overview, ...rest } = collection ?? {};
    expect(overview).to.match(/^An American science fiction/);
    expect(rest).to.deep.equal({
      ...{ tmdbId: 264, name: 'Back to the Future Collection' },
      ...{ posterPath: '/5Xsu2o5IsZRuuxCEVZ9nVve21FP.jpg' },
      ...{ backdropPath: '/c9C9Pg2QctyjZHRmS0P8rZg1OTA.jpg' },
      parts: [
        { tmdbId: 105, title: 'Back to the Future', releaseDate: '1985-07-03' },
        { tmdbId: 165, title: 'Back to the Future Part II', releaseDate: '1989-11-22' },
        { tmdbId: 196, title: 'Back to the Future Part III', releaseDate: '1990-05-25' },
      ],
    });
    await outgoing.close();
    expect(await tmdb().getCollection(999999999, signal)).to.equal(undefined);
  });

  it('finds films by a text, and by their year', async () => {
    const found = await tmdb().searchMovies('007', { signal });
    expect(found.length).to.be.greaterThan(5);
    const [film, ...others] = await tmdb().searchMovies('007', { year: 1962, signal });
    expect(others).to.deep.equal([]);
    expect(film).to.include({ tmdbId: 646, title: 'Dr. No', year: 1962, originalLanguage: 'en' });
  });

  it('says which film is meant, and how sure that is', async () => {
    const byId = await tmdb().matchMovie({ title: '?', imdbId: 'tt0088247' }, signal);
    expect(byId).to.have.property('confidence', 1);
    expect(byId?.film).to.include({ tmdbId: 218, title: 'The Terminator' });
    expect(await tmdb().matchMovie({ title: '007', year: 1962 }, signal)).to.equal(undefined);
  });

  for (const [fault, expected] of [
    [{ status: 500 }, 'unavailable'],
    [{ status: 429, headers: { 'retry-after': '600' } }, 'unavailable'],
    ['cut', 'unavailable'],
    ['no-json', 'malformed'],
  ] as const) {
    it(`is ${expected} at ${JSON.stringify(fault)}`, async () => {
      const provider = tmdb();
      server.always(fault);
      const error: unknown = await provider
        .getMovieMetadata(47964, signal)
        .catch((e: unknown) => e);
      if (!(error instanceof ProviderFailure)) throw error;
      expect(error.fault).to.equal(expected);
    });
  }

  it('says so when it refuses the key', async () => {
    const error: unknown = await tmdb({ key: 'wrong' })
      .getMovieMetadata(47964, signal)
      .catch((e: unknown) => e);
    if (!(error instanceof ProviderFailure)) throw error;
    expect(error.fault).to.equal('key-refused');
    expect(error.message).to.not.include('wrong');
  });
});

describe('A film as TMDb has it', () => {
  const of = (answer: Readonly<Record<string, unknown>>) => detailsOf(answer, 'US');

  it('is nothing without a title', () => {
    expect(of({ id: 1 })).to.equal(undefined);
    expect(of({ id: 1, title: null, original_title: '' })).to.equal(undefined);
    expect(of({ id: 1, title: ' ', original_title: 'M' })).to.deep.include({ title: 'M' });
  });

  it('keeps what is sound beside what is not', () => {
    const details = of({
      title: 'Odd',
      tagline: '',
      overview: null,
      release_date: '0000-00-00',
      runtime: -5,
      budget: '12',
      revenue: 1e40,
      vote_count: 3,
      vote_average: 99,
      original_language: 'xx-nonsense',
      status: ['Released'],
      genres: [{ name: 'Drama' }, { name: null }, 'Comedy', { id: 3 }],
      production_countries: 'US',
      imdb_id: '',
      id: 7,
      credits: { cast: null, crew: [{ job: 'Director', name: 'Ana' }, { job: 3 }, null] },
    });
    expect(details).to.deep.equal({
      title: 'Odd',
      voteCount: 3,
      genres: ['Drama'],
      directors: ['Ana'],
      crew: [{ name: 'Ana', job: 'Director' }],
      tmdbId: 7,
    });
  });

  it('has the first thousand of a cast of thousands, by billing', () => {
    const cast = Array.from({ length: 2_000 }, (_, nth) => ({
      name: `Extra ${nth}`,
      order: 1_999 - nth,
    }));
    const details = of({ title: 'Ben-Hur', credits: { cast } });
    expect(details?.cast).to.have.length(1_000);
    expect(details?.cast?.[0]).to.deep.equal({ name: 'Extra 1999' });
    expect(check(details)).to.have.property('ok', true);
  });

  it('fits into an event, however much is said of it', () => {
    const crew = Array.from({ length: 2_000 }, (_, nth) => ({
      ...{ id: nth + 1, name: `漢${nth}`.padEnd(190, '字'), job: 'Grip', department: 'Camera' },
    }));
    const cast = crew.map((one) => ({ ...one, character: '役'.repeat(400) }));
    const details = of({ title: 'Cleopatra', overview: 'Long.', credits: { cast, crew } });
    expect(Buffer.byteLength(JSON.stringify(details))).to.be.lessThan(512 * 1024);
    expect(details).to.deep.include({ overview: 'Long.' });
    expect(details?.cast).to.have.length.above(100);
    expect(details?.crew).to.have.length.above(100);
  });

  it('has no titles with marks in them that deceive', () => {
    const titles = [{ title: 'Safe' }, { title: 'evil\u202egnp.exe' }, { title: 'x'.repeat(600) }];
    expect(of({ title: 'Safe', alternative_titles: { titles } })).to.deep.include({
      alternativeTitles: ['Safe'],
    });
  });
});

describe("A collection of TMDb's", () => {
  it('is kept without what does not fit, each film once', () => {
    const parts = [
      { id: 1, name: 'By the name', release_date: '0000-00-00' },
      { id: 1, title: 'Told twice', release_date: '1999-01-01' },
      ...[{ id: 0, title: 'No id' }, { id: 2 }, null, 'x', { id: 3, title: 'x'.repeat(501) }],
      { id: 4, title: null, original_title: 'Original' },
    ];
    const odd = { id: 9, name: 'Odd', overview: null, poster_path: 5, parts };
    expect(collectionOf(9, odd)).to.deep.equal({
      ...{ tmdbId: 9, name: 'Odd' },
      parts: [
        { tmdbId: 1, title: 'Told twice', releaseDate: '1999-01-01' },
        { tmdbId: 4, title: 'Original' },
      ],
    });
    expect(collectionOf(9, { ...odd, name: '' })).to.equal(undefined);
    expect(collectionOf(9, { ...odd, parts: undefined })).to.equal(undefined);
    const many = Array.from({ length: 300 }, (_, nth) => ({ id: nth + 1, title: `Part ${nth}` }));
    expect(collectionOf(9, { ...odd, parts: many })?.parts).to.have.lengthOf(200);
  });
});
