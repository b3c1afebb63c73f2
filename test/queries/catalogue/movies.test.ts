import { expect } from 'chai';
import fc from 'fast-check';
import type { Static } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { validator } from '../../../src/domain/validation.js';
import type { MovieDetails } from '../../../src/domain/movie/events.js';
import { personIdOf } from '../../../src/domain/person/personId.js';
import { movieIdOf, movieStream } from '../../../src/domain/streams.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import { collections } from '../../../src/projections/collections/collections.js';
import { genres } from '../../../src/queries/catalogue/genres.js';
import { InvalidParameter } from '../../../src/queries/serving/cursor.js';
import { movieCredits } from '../../../src/queries/catalogue/credits.js';
import { movie } from '../../../src/queries/catalogue/movie.js';
import { movies } from '../../../src/queries/catalogue/movies.js';
import type { Asker } from '../../../src/queries/query.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../support/readModels/projectionProcess.js';

const asker: Asker = { userId: uuidv7(), zone: 'UTC', now: new Date() };

type Film = MovieDetails & { readonly tmdbId: number };

const films: readonly Film[] = [
  {
    tmdbId: 603,
    title: 'The Matrix',
    sortTitle: 'Matrix, The',
    year: 1999,
    releaseDate: '1999-03-31',
    runtimeMinutes: 136,
    communityRating: 8.2,
    originalLanguage: 'en',
    genres: ['Action', 'Science Fiction'],
    countries: ['US', 'AU'],
  },
  {
    tmdbId: 604,
    title: 'The Matrix Reloaded',
    sortTitle: 'Matrix Reloaded, The',
    year: 2003,
    releaseDate: '2003-05-15',
    runtimeMinutes: 138,
    communityRating: 7,
    originalLanguage: 'en',
    genres: ['Action', 'Science Fiction'],
    countries: ['US'],
    cast: [{ name: 'Keanu Reeves', character: 'Neo', tmdbId: 6384 }],
    crew: [{ name: 'Lana', job: 'Director' }],
    videos: [{ site: 'YouTube', key: 'kYzz0FSgpSU' }],
  },
  {
    tmdbId: 194,
    title: 'Amélie',
    originalTitle: 'Le Fabuleux Destin d’Amélie Poulain',
    year: 2001,
    releaseDate: '2001-04-25',
    runtimeMinutes: 122,
    communityRating: 7.9,
    originalLanguage: 'fr',
    genres: ['Comedy', 'Romance'],
    countries: ['FR', 'DE'],
  },
  {
    tmdbId: 129,
    title: 'Spirited Away',
    originalTitle: '千と千尋の神隠し',
    year: 2001,
    releaseDate: '2001-07-20',
    runtimeMinutes: 125,
    communityRating: 8.5,
    originalLanguage: 'ja',
    genres: ['Animation'],
    countries: ['JP'],
  },
  { tmdbId: 1, title: 'Alien', year: 1979, genres: ['Horror', 'Science Fiction'] },
  { tmdbId: 2, title: 'Aliens', year: 1986, genres: ['Action', 'Science Fiction'] },
  { tmdbId: 3, title: 'Up', year: 2009, genres: ['animation'], communityRating: 7.9 },
  { tmdbId: 4, title: 'Éternel retour' },
  { tmdbId: 5, title: 'Zodiac', year: 2007, runtimeMinutes: 157 },
  { tmdbId: 6, title: 'Åsa-Nisse', originalLanguage: 'sv' },
];
const removed: Film = { tmdbId: 7, title: 'The Matrix Removed', year: 1999, genres: ['Action'] };

const idOf = ({ tmdbId }: { readonly tmdbId: number }) => movieIdOf('tmdb', tmdbId);

describe('Asking for films', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;
  const check = validator(movies.parameters, { coerce: true });
  const checkAnswer = validator(movies.answer);

  before(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, [catalogue, collections]);
    const recorded = (type: string, data: Record<string, unknown>) => ({
      id: uuidv7(),
      type,
      data,
      metadata: { correlationId: uuidv7(), causationId: uuidv7(), schemaVersion: 1 },
    });
    for (const film of [...films, removed]) {
      const movieId = idOf(film);
      await process.eventStore.append(
        movieStream(movieId),
        [recorded('MovieImported', { movieId, ...film })],
        { expectedRevision: 'no-stream' },
      );
    }
    const movieId = idOf(removed);
    await process.eventStore.append(movieStream(movieId), [recorded('MovieRemoved', { movieId })], {
      expectedRevision: 0n,
    });
    await process.rebuild(['catalogue', 'collections']);
  });

  after(async () => {
    await process.close();
    await fresh.drop();
  });

  const list = async (
    given: Readonly<Record<string, string>>,
  ): Promise<Static<typeof movies.answer>> => {
    const parameters = check(given);
    if (!parameters.ok) throw new Error(JSON.stringify(parameters.errors));
    const answer = await movies.read(
      parameters.value,
      asker,
      createServedReadModels(process.database).now(),
    );
    if (!answer) throw new Error('a list always has an answer');
    expect(checkAnswer(answer)).to.deep.equal({ ok: true, value: answer });
    return answer;
  };

  const titles = async (given: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    (await list(given)).movies.map(({ title }) => title);

  it('gives a film with all that is known of it, and nothing that is not', async () => {
    const readModels = createServedReadModels(process.database).now();
    const answer = await movie.read({ movieId: idOf({ tmdbId: 603 }) }, asker, readModels);
    expect(validator(movie.answer)(answer).ok).to.equal(true);
    expect(answer).to.deep.include({
      ...films[0],
      id: idOf({ tmdbId: 603 }),
      runtimeTicks: 81_600_000_000,
      lockedFields: [],
      revision: 0,
    });
    const bare = await movie.read({ movieId: idOf({ tmdbId: 4 }) }, asker, readModels);
    expect(Object.keys(bare ?? {}).sort()).to.deep.equal(
      [
        'artwork',
        'createdAt',
        'id',
        'lockedFields',
        'revision',
        'title',
        'tmdbId',
        'updatedAt',
      ].sort(),
    );
  });

  it('gives credits and other long lists where they are asked for', async () => {
    const readModels = createServedReadModels(process.database).now();
    const movieId = idOf({ tmdbId: 604 });
    const keanu = {
      ...{ personId: personIdOf({ name: 'Keanu Reeves', tmdbId: 6384 }), tmdbId: 6384 },
      ...{ name: 'Keanu Reeves', character: 'Neo' },
    };
    const lana = { personId: personIdOf({ name: 'Lana' }), name: 'Lana', job: 'Director' };
    const videos = [{ site: 'YouTube', key: 'kYzz0FSgpSU' }];
    expect(await movie.read({ movieId }, asker, readModels)).to.not.have.any.keys('cast', 'videos');
    const include = 'videos,credits,images';
    const answer = await movie.read({ movieId, include }, asker, readModels);
    expect(validator(movie.answer)(answer).ok).to.equal(true);
    expect(answer).to.deep.include({ cast: [keanu], crew: [lana], videos, images: [] });
    expect(answer).to.not.have.property('releases');
    expect(await movieCredits.read({ movieId }, asker, readModels)).to.deep.equal({
      ...{ movieId, releaseDate: '2003-05-15', cast: [keanu], crew: [lana] },
    });
    expect(await movieCredits.read({ movieId: idOf(removed) }, asker, readModels)).to.equal(
      undefined,
    );
    const checkMovie = validator(movie.parameters, { coerce: true });
    for (const wrong of ['', 'cast', 'credits,', 'credits;videos']) {
      expect(checkMovie({ movieId, include: wrong }).ok, wrong).to.equal(false);
    }
  });

  it('gives neither an unknown nor a removed film', async () => {
    const readModels = createServedReadModels(process.database).now();
    expect(await movie.read({ movieId: uuidv7() }, asker, readModels)).to.equal(undefined);
    expect(await movie.read({ movieId: idOf(removed) }, asker, readModels)).to.equal(undefined);
    expect(await titles({}))
      .to.have.length(films.length)
      .and.not.to.include(removed.title);
  });

  it('orders titles without their article, case and diacritics', async () => {
    expect(await titles({})).to.deep.equal([
      'Alien',
      'Aliens',
      'Amélie',
      'Åsa-Nisse',
      'Éternel retour',
      'The Matrix',
      'The Matrix Reloaded',
      'Spirited Away',
      'Up',
      'Zodiac',
    ]);
  });

  it('puts what is not known of a film last, in either order', async () => {
    const years = async (order: string) =>
      (await list({ sort: 'year', order })).movies.map(({ year }) => year);
    expect(await years('asc')).to.deep.equal([
      1979,
      1986,
      1999,
      2001,
      2001,
      2003,
      2007,
      2009,
      undefined,
      undefined,
    ]);
    expect(await years('desc')).to.deep.equal([
      2009,
      2007,
      2003,
      2001,
      2001,
      1999,
      1986,
      1979,
      undefined,
      undefined,
    ]);
    for (const order of ['asc', 'desc']) {
      const dates = (await list({ sort: 'releaseDate', order })).movies.map((m) => m.releaseDate);
      expect(dates.slice(4).every((date) => date === undefined)).to.equal(true);
      const ratings = (await list({ sort: 'rating', order })).movies.map((m) => m.communityRating);
      expect(ratings.slice(5).every((rating) => rating === undefined)).to.equal(true);
      const runtimes = (await list({ sort: 'runtime', order })).movies.map((m) => m.runtimeMinutes);
      expect(runtimes.slice(5).every((minutes) => minutes === undefined)).to.equal(true);
    }
  });

  it('has the newest additions first', async () => {
    const newest = (await list({ sort: 'added' })).movies.map(({ createdAt }) => createdAt);
    expect(newest).to.deep.equal([...newest].sort().reverse());
    const oldest = await list({ sort: 'added', order: 'asc' });
    expect(oldest.movies.map(({ createdAt }) => createdAt)).to.deep.equal([...newest].reverse());
  });

  it('filters by genre, years, decade, language, country and rating, all at once if asked', async () => {
    expect(await titles({ genre: 'Animation' })).to.deep.equal(['Spirited Away', 'Up']);
    expect(await titles({ genre: ' ANIMATION' })).to.deep.equal(['Spirited Away', 'Up']);
    expect(await titles({ yearFrom: '1986', yearTo: '1999' })).to.deep.equal([
      'Aliens',
      'The Matrix',
    ]);
    expect(await titles({ decade: '2000', sort: 'year', order: 'asc', limit: '1' })).to.have.length(
      1,
    );
    expect(await titles({ decade: '1980' })).to.deep.equal(['Aliens']);
    expect(await titles({ language: 'fr' })).to.deep.equal(['Amélie']);
    expect(await titles({ country: 'AU' })).to.deep.equal(['The Matrix']);
    expect(await titles({ minRating: '8.2' })).to.deep.equal(['The Matrix', 'Spirited Away']);
    expect(
      await titles({ genre: 'Science Fiction', decade: '1990', country: 'US', minRating: '8' }),
    ).to.deep.equal(['The Matrix']);
    expect(await titles({ libraryId: uuidv7() })).to.deep.equal([]);
  });

  for (const [q, expected] of [
    ['matrix', 'The Matrix'],
    ['MATRX', 'The Matrix'],
    ['the matrx', 'The Matrix'],
    ['matrix reloded', 'The Matrix Reloaded'],
    ['amelie', 'Amélie'],
    ['AMÉLIE', 'Amélie'],
    ['amelei', 'Amélie'],
    ['fabuleux destin', 'Amélie'],
    ['千と千尋', 'Spirited Away'],
    ['spirted awya', 'Spirited Away'],
    ['asa nisse', 'Åsa-Nisse'],
    ['eternel', 'Éternel retour'],
    ['alienn', 'Alien'],
    ['alein', 'Alien'],
    ['ailen', 'Alien'],
    ['maitrx', 'The Matrix'],
    ['zodaic', 'Zodiac'],
    ['spiritde aaway', 'Spirited Away'],
    ['aliens', 'Aliens'],
    ['up', 'Up'],
    ['zodi', 'Zodiac'],
  ] as const) {
    it(`finds ${expected} first for “${q}”`, async () => {
      expect((await titles({ q }))[0]).to.equal(expected);
    });
  }

  it('finds nothing for what is in no title, or is no text', async () => {
    for (const q of ['xylophone quartet', '%', '___', '…', "'; drop table movies; --", '\\']) {
      expect(await titles({ q })).to.deep.equal([]);
    }
  });

  it('counts the films of each genre, removed ones left out', async () => {
    expect(
      await genres.read({}, asker, createServedReadModels(process.database).now()),
    ).to.deep.equal({
      genres: [
        { name: 'Action', movies: 3, href: 'movies?genre=Action' },
        { name: 'Animation', movies: 2, href: 'movies?genre=Animation' },
        { name: 'Comedy', movies: 1, href: 'movies?genre=Comedy' },
        { name: 'Horror', movies: 1, href: 'movies?genre=Horror' },
        { name: 'Romance', movies: 1, href: 'movies?genre=Romance' },
        { name: 'Science Fiction', movies: 4, href: 'movies?genre=Science%20Fiction' },
      ],
    });
  });

  it('comes in pages that hold every film exactly once, in order, whatever their sizes', async () => {
    const choice = fc.record({
      sort: fc.constantFrom('title', 'year', 'releaseDate', 'rating', 'runtime', 'added', ''),
      order: fc.constantFrom('asc', 'desc', ''),
      q: fc.constantFrom('', 'matrix', 'a', 'alien'),
      sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(choice, async ({ sort, order, q, sizes }) => {
        const asked = Object.fromEntries(
          Object.entries({ sort, order, q }).filter(([, value]) => value !== ''),
        );
        const whole = (await list({ ...asked, limit: '100' })).movies;
        const paged: typeof whole = [];
        let cursor: string | null = null;
        let turn = 0;
        do {
          const page = await list({
            ...asked,
            limit: String(sizes[turn % sizes.length] ?? 1),
            ...(cursor === null ? {} : { cursor }),
          });
          paged.push(...page.movies);
          cursor = page.nextCursor;
          turn += 1;
        } while (cursor !== null && turn <= films.length);
        expect(paged.map(({ title }) => title)).to.deep.equal(whole.map(({ title }) => title));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a cursor that is not one of this list, naming it', async () => {
    const { nextCursor } = await list({ limit: '1' });
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const id = idOf({ tmdbId: 603 });
    for (const [cursor, sort] of [
      ['x', 'title'],
      [made(['Matrix']), 'title'],
      [made(['Matrix', 'not an id']), 'title'],
      [made([null, id]), 'title'],
      [made([{}, id]), 'title'],
      [made(['a\0', id]), 'title'],
      [nextCursor ?? '', 'year'],
    ] as const) {
      const outcome = await list({ cursor, sort }).catch((error: unknown) => error);
      expect(outcome, `${cursor} by ${sort}`).to.be.instanceOf(InvalidParameter);
      expect(outcome).to.include({ field: 'cursor' });
    }
  });
});
