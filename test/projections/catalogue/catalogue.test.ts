import { expect } from 'chai';
import type { MovieEvent } from '../../../src/domain/movie/events.js';
import { derivedId, movieIdOf } from '../../../src/domain/streams.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import { givenEvents } from '../../support/readModels/projectionSpecification.js';

const matrix = movieIdOf('tmdb', 603);
const amelie = movieIdOf('tmdb', 194);

const imported = (
  movieId: string,
  details: Omit<Extract<MovieEvent, { type: 'MovieImported' }>['data'], 'movieId'>,
): MovieEvent => ({ type: 'MovieImported', data: { movieId, ...details } });

const theMatrix = imported(matrix, {
  title: 'The Matrix',
  sortTitle: 'Matrix, The',
  year: 1999,
  releaseDate: '1999-03-31',
  runtimeMinutes: 136,
  communityRating: 8.2,
  originalLanguage: 'en',
  genres: ['Action', 'Science Fiction'],
  countries: ['US', 'AU'],
  tmdbId: 603,
});

/** All columns; of the pieces of its titles, whether there are some to find it by. */
const EVERYTHING = `
  select movie_id, status, library_id, title, sort_key, names, grams @@ '^matri' as is_found, votes, release_date,
         year, runtime_minutes, community_rating, genres, countries, language, details, locked, revision, added_at,
         updated_at from catalogue.movies`;

describe('The catalogue', () => {
  it('holds a film as it was imported, with all that is known of it', () =>
    givenEvents(catalogue, theMatrix).expectRows(EVERYTHING, ([event]) => [
      {
        movie_id: matrix,
        status: 'live',
        library_id: null,
        title: 'The Matrix',
        sort_key: 'matrix\u00011999',
        names: ['the matrix'],
        is_found: true,
        votes: 0,
        release_date: '1999-03-31',
        year: 1999,
        runtime_minutes: 136,
        community_rating: 8.2,
        genres: ['Action', 'Science Fiction'],
        countries: ['US', 'AU'],
        language: 'en',
        details: {
          title: 'The Matrix',
          sortTitle: 'Matrix, The',
          year: 1999,
          releaseDate: '1999-03-31',
          runtimeMinutes: 136,
          communityRating: 8.2,
          originalLanguage: 'en',
          genres: ['Action', 'Science Fiction'],
          countries: ['US', 'AU'],
          tmdbId: 603,
        },
        locked: [],
        revision: 0,
        added_at: event?.recordedAt,
        updated_at: event?.recordedAt,
      },
    ]));

  it('keeps what a film without details leaves open as unknown, beside one with all of them', () =>
    givenEvents(catalogue, imported(amelie, { title: 'Amélie' }), theMatrix).expectRows(
      `select title, names, sort_key, release_date, year, runtime_minutes, community_rating,
              genres, countries, language, library_id
       from catalogue.movies order by title`,
      [
        {
          title: 'Amélie',
          names: ['amelie'],
          sort_key: 'amelie\u0001',
          release_date: null,
          year: null,
          runtime_minutes: null,
          community_rating: null,
          genres: [],
          countries: [],
          language: null,
          library_id: null,
        },
        {
          title: 'The Matrix',
          names: ['the matrix'],
          sort_key: 'matrix\u00011999',
          release_date: '1999-03-31',
          year: 1999,
          runtime_minutes: 136,
          community_rating: 8.2,
          genres: ['Action', 'Science Fiction'],
          countries: ['US', 'AU'],
          language: 'en',
          library_id: null,
        },
      ],
    ));

  it('follows edits, which lock their fields, refreshes, which may clear one, and unlocking', () =>
    givenEvents(
      catalogue,
      theMatrix,
      {
        type: 'MovieDetailsEdited',
        data: {
          movieId: matrix,
          changes: { title: 'Matrix', genres: ['Cyberpunk'] },
          locks: ['title', 'genres'],
        },
      },
      {
        type: 'MovieMetadataRefreshed',
        data: {
          movieId: matrix,
          source: 'tmdb',
          changes: { communityRating: 8.3, countries: null },
        },
      },
      {
        type: 'MovieDetailsEdited',
        data: { movieId: matrix, changes: { title: 'Matrix' }, locks: ['year'] },
      },
      { type: 'MovieFieldsUnlocked', data: { movieId: matrix, fields: ['genres'] } },
    ).expect(async ({ database, events }) => {
      const [row] = await database.query({
        text: `select title, names, genres, countries, community_rating, locked, revision,
                      updated_at, details from catalogue.movies`,
      });
      expect(row).to.deep.include({
        title: 'Matrix',
        names: ['matrix'],
        genres: ['Cyberpunk'],
        countries: [],
        community_rating: 8.3,
        locked: ['title', 'year'],
        revision: 4,
        updated_at: events.at(-1)?.recordedAt,
      });
      expect(row?.details).to.deep.include({ title: 'Matrix', communityRating: 8.3 });
      expect(row?.details).not.to.have.property('countries');
    }));

  it('knows the file that a film can be had as, until it is gone', async () => {
    const file = {
      path: 'C:\\Movies\\Matrix.mkv',
      container: 'mkv',
      source: 'radarr',
      fileId: '8',
    };
    const attached: MovieEvent = { type: 'MovieFileAttached', data: { movieId: matrix, ...file } };
    const detached: MovieEvent = {
      type: 'MovieFileDetached',
      data: { movieId: matrix, source: 'radarr', fileId: '8' },
    };
    const files = 'select file, has_file, revision from catalogue.movies';
    await givenEvents(catalogue, theMatrix, attached).expectRows(files, [
      { file, has_file: true, revision: 1 },
    ]);
    await givenEvents(catalogue, theMatrix, attached, detached).expectRows(files, [
      { file: null, has_file: false, revision: 2 },
    ]);
  });

  it('can be searched by its other titles as well', () =>
    givenEvents(
      catalogue,
      imported(amelie, {
        title: 'Amélie',
        originalTitle: 'Le Fabuleux Destin d’Amélie Poulain',
        alternativeTitles: ['Amélie from Montmartre', 'Amélie'],
      }),
    ).expectRows('select names from catalogue.movies', [
      { names: ['amelie', 'le fabuleux destin damelie poulain', 'amelie from montmartre'] },
    ]));

  it('keeps credits as rows and other long lists beside, both apart from the details', () =>
    givenEvents(
      catalogue,
      imported(matrix, {
        title: 'The Matrix',
        cast: [{ name: 'Keanu Reeves', character: 'Neo', tmdbId: 6384 }, { name: 'An Extra' }],
        crew: [{ name: 'Lana Wachowski', job: 'Director', department: 'Directing' }],
        videos: [{ site: 'YouTube', key: 'vKQi3bBA1y8' }],
      }),
      {
        type: 'MovieMetadataRefreshed',
        data: {
          movieId: matrix,
          source: 'TMDb',
          changes: {
            cast: [{ name: 'Keanu Reeves', character: 'Thomas Anderson', tmdbId: 6384 }],
            videos: null,
            releases: [{ country: 'US', date: '1999-03-31', type: 'theatrical' }],
          },
        },
      },
    ).expect(async ({ database }) => {
      const credits = await database.query({
        text: `select nth, part, person_id, tmdb_id, name, character, department, job
               from catalogue.credits order by nth`,
      });
      expect(credits.map((row) => Object.values(row))).to.deep.equal([
        [
          0,
          'cast',
          derivedId('tmdb:person:6384'),
          6384,
          'Keanu Reeves',
          'Thomas Anderson',
          null,
          null,
        ],
        [
          1,
          'crew',
          derivedId('name:person:Lana Wachowski'),
          null,
          'Lana Wachowski',
          null,
          'Directing',
          'Director',
        ],
      ]);
      const [film] = await database.query({ text: 'select details, lists from catalogue.movies' });
      expect(film).to.deep.equal({
        details: { title: 'The Matrix' },
        lists: { releases: [{ country: 'US', date: '1999-03-31', type: 'theatrical' }] },
      });
    }));

  it('marks a removed film, and takes it back when it is restored', async () => {
    const removed: MovieEvent = { type: 'MovieRemoved', data: { movieId: matrix } };
    const restored: MovieEvent = { type: 'MovieRestored', data: { movieId: matrix } };
    const status = 'select status, revision from catalogue.movies';
    await givenEvents(catalogue, theMatrix, removed).expectRows(status, [
      { status: 'removed', revision: 1 },
    ]);
    await givenEvents(catalogue, theMatrix, removed, restored).expectRows(status, [
      { status: 'live', revision: 2 },
    ]);
  });

  it('lists films that are not removed, and counts their studios and keywords by each spelling', async () => {
    const removed: MovieEvent = { type: 'MovieRemoved', data: { movieId: amelie } };
    const events = [
      imported(matrix, {
        title: 'Matrix',
        studios: ['Warner Bros.', 'WARNER BROS'],
        keywords: ['Paris'],
      }),
      imported(amelie, {
        title: 'Amélie',
        studios: ['UGC'],
        keywords: ['paris'],
        collectionId: matrix,
      }),
    ];
    const counts = 'select kind, name, movies from catalogue.name_counts order by kind, name';
    const warner = { kind: 'studio', name: 'Warner Bros.', movies: 1 };
    const rows =
      'select movie_id, studio_keys, keyword_keys, collection_id from catalogue.listed order by sort_key';
    const keys = { studio_keys: ['warner bros'], keyword_keys: ['paris'], collection_id: null };
    await givenEvents(catalogue, ...events).expectRows(counts, [
      { kind: 'keyword', name: 'Paris', movies: 1 },
      { kind: 'keyword', name: 'paris', movies: 1 },
      { kind: 'studio', name: 'UGC', movies: 1 },
      warner,
    ]);
    await givenEvents(catalogue, ...events, removed).expect(async ({ database }) => {
      expect(await database.query({ text: counts })).to.deep.equal([
        { kind: 'keyword', name: 'Paris', movies: 1 },
        warner,
      ]);
      expect(await database.query({ text: rows })).to.deep.equal([{ movie_id: matrix, ...keys }]);
    });
  });

  it('has what completes titles, and in how many films people are, of those that are not removed', async () => {
    const [ada, bob] = [
      { name: 'Ada', tmdbId: 1 },
      { name: 'Bob', job: 'Editor' },
    ];
    const events = [
      imported(matrix, { title: 'The Matrix', voteCount: 9, cast: [ada], crew: [bob, bob] }),
      imported(amelie, { title: 'Amélie', cast: [ada] }),
    ];
    const removed: MovieEvent = { type: 'MovieRemoved', data: { movieId: matrix } };
    const people = 'select name, movies from catalogue.people_names order by name';
    const starts = 'select start, place, votes from catalogue.title_starts order by start';
    await givenEvents(catalogue, ...events).expectRows(people, [
      { name: 'Ada', movies: 2 },
      { name: 'Bob', movies: 1 },
    ]);
    await givenEvents(catalogue, ...events).expectRows(starts, [
      { start: 'amelie', place: 0, votes: 0 },
      { start: 'matrix', place: 0, votes: 9 },
      { start: 'the matrix', place: 0, votes: 9 },
      { start: 'thematrix', place: 0, votes: 9 },
    ]);
    await givenEvents(catalogue, ...events, removed).expect(async ({ database }) => {
      expect(await database.query({ text: people })).to.deep.equal([{ name: 'Ada', movies: 1 }]);
      expect(await database.query({ text: starts })).to.have.length(1);
    });
  });
});
