import { inField, type BadRequests, type BadValue } from './badRequest.js';
import {
  badBoolean,
  badChoice,
  badDate,
  badId,
  badInteger,
  badNames,
  badNumber,
  badText,
  badZone,
} from './values.js';

const value = (what: string, given: unknown, at?: string): BadValue => ({
  what,
  json: JSON.stringify(given),
  ...(at === undefined ? {} : { at }),
});

const missing = value('of the wrong type: null', null);

/** Ratings have one decimal. */
const tooFine: readonly BadValue[] = [
  value('of two decimals', 7.25),
  value('of seven decimals', 7.1000001),
  value('next to nothing', 1e-9),
];

/** The fields of a film, whoever tells of them. */
const movieFields: Readonly<Record<string, readonly BadValue[]>> = {
  title: [
    ...badText(500, { blank: true }),
    missing,
    value('of 10,000 characters', 'x'.repeat(10_000)),
  ],
  sortTitle: badText(502, { blank: true }),
  originalTitle: badText(500),
  alternativeTitles: badNames(100, 500),
  tagline: badText(1_000),
  overview: badText(10_000, { empty: false }),
  releaseDate: badDate,
  year: badInteger(1870, 2200),
  runtimeMinutes: badInteger(1, 6_000),
  contentRating: badText(20),
  ratingLevel: badInteger(0, 21),
  budget: badInteger(0, 1_000_000_000_000),
  revenue: badInteger(0, 1_000_000_000_000),
  communityRating: badNumber(0, 10),
  voteCount: badInteger(0, 2_147_483_647),
  criticRating: badNumber(0, 100),
  originalLanguage: [value('in capitals', 'EN'), value('a word', 'english'), value('a number', 1)],
  status: badText(50),
  genres: badNames(50),
  countries: [
    value('lower case', ['us'], '0'),
    value('a word', ['Japan'], '0'),
    value('the same twice', ['US', 'US']),
    value('text', 'US'),
  ],
  languages: [value('in capitals', ['EN'], '0'), value('the same twice', ['ja', 'ja'])],
  directors: badNames(50),
  writers: badNames(100),
  studios: badNames(100),
  keywords: badNames(200),
  cast: [
    value('names alone', ['Buster Keaton'], '0'),
    value('without a name', [{ character: 'Johnnie' }], '0.name'),
    value('with an unknown field', [{ name: 'Marion Mack', born: 1902 }], '0.born'),
    value('with a bad character', [{ name: 'Marion Mack', character: '\0' }], '0.character'),
    value(
      'of 1,001 people',
      Array.from({ length: 1_001 }, (_, nth) => ({ name: `extra ${nth}` })),
    ),
  ],
  posterPath: badText(500),
  backdropPath: badText(500),
  logoPath: badText(500),
  collectionId: badId,
  collectionOrder: badInteger(0, 10_000),
  tmdbId: badInteger(1, 2_147_483_647),
  imdbId: [
    value('a number', 17925),
    value('without tt', '0017925'),
    value('too long', 'tt0017925000'),
  ],
  tvdbId: badInteger(1, 2_147_483_647),
};

const watched: readonly BadValue[] = [
  value('a word that is none', 'yesterday'),
  value('a number', 1_770_408_900),
  value('null', null),
  value('a list', ['now']),
  value('an empty object', {}),
  value('a moment without an offset', { at: '2026-02-06T20:15:00' }, 'at'),
  value('a moment in words', { at: 'last night' }, 'at'),
  value('a day that no calendar shows', { date: '2026-02-30' }, 'date'),
  value('a moment and a day', { at: '2026-02-06T20:15:00Z', date: '2026-02-06' }),
  value('a day as a moment', { at: '2026-02-06' }, 'at'),
  value('a moment in an unknown zone', { at: '2026-02-06T20:15:00[Europe/Berlin]' }, 'at'),
  value('an unknown field', { at: '2026-02-06T20:15:00Z', place: 'home' }, 'place'),
];

const badMoment: readonly BadValue[] = [
  value('without an offset', '2026-02-06T20:15:00'),
  value('a day', '2026-02-06'),
  value('in words', 'last night'),
  value('that no calendar shows', '2026-02-30T12:00:00Z'),
  value('a number', 1_770_408_900),
  value('null', null),
];

const paths: readonly BadValue[] = [
  value('text', '/films'),
  value('an empty path', [''], '0'),
  value('a path too long', ['/'.repeat(4_097)], '0'),
  value('a path with a NUL', ['/films\0'], '0'),
  value('the same twice', ['/films', '/films']),
  value(
    'of 101 folders',
    Array.from({ length: 101 }, (_, nth) => `/films/${nth}`),
  ),
];

const perField = (
  operationId: string,
  fields: Readonly<Record<string, readonly BadValue[]>>,
): readonly BadRequests[] =>
  Object.entries(fields).map(([field, values]) => inField(operationId, field, values));

/** One bad field in a body that is good but for it, for every field of every body. */
export const inBodies: readonly BadRequests[] = [
  ...perField('importMovie', { ...movieFields, movieId: badId, libraryId: badId }),
  // Here null clears a field; only the title cannot be cleared.
  ...perField('editMovie', movieFields),
  ...perField('refreshMovie', {
    source: badText(50),
    changes: [
      value('empty', {}),
      value('a list', []),
      value('no title', { title: null }, 'title'),
      value('an unknown field', { colour: 'sepia' }, 'colour'),
      value('a day that no calendar shows', { releaseDate: '2026-02-30' }, 'releaseDate'),
      value('a running time below zero', { runtimeMinutes: -79 }, 'runtimeMinutes'),
    ],
  }),
  ...perField('unlockMovieFields', {
    fields: [
      value('empty', []),
      value('text', 'title'),
      value('the same twice', ['title', 'title']),
      value('an unknown field', ['colour'], '0'),
      value('null', null),
    ],
  }),
  ...['recordWatch', 'recordWatchByExternalId'].flatMap((operationId) =>
    perField(operationId, {
      watched,
      playId: badId,
      justWatched: badBoolean,
      timezone: badZone,
      source: badChoice,
      externalId: badText(200),
      device: badText(200),
      client: badText(200),
      playMethod: badText(50),
      note: badText(1_000),
      rating: [...badNumber(0, 10), ...tooFine],
      force: badBoolean,
      tmdbId: badInteger(1, 2_147_483_647),
      imdbId: [value('a number', 1), value('without tt', '0017925')],
      tvdbId: badInteger(1, 2_147_483_647),
    }),
  ),
  inField('recordWatchByExternalId', 'movieId', badId),
  ...perField('amendWatch', { watched, timezone: badZone, note: badText(1_000) }),
  ...perField('rateMovie', {
    rating: [...badNumber(0, 10), missing, ...tooFine],
    review: badText(10_000),
    spoiler: badBoolean,
    at: badMoment,
  }),
  ...perField('writeReview', {
    review: [...badText(10_000), missing],
    spoiler: badBoolean,
    at: badMoment,
  }),
  ...perField('addFavorite', { at: badMoment }),
  ...perField('addToWatchlist', { at: badMoment }),
  ...perField('setWatchState', {
    state: [...badChoice, value('what follows from the watches', 'in_progress')],
    recordPlay: badBoolean,
  }),
  ...perField('changeProfile', {
    displayName: [...badText(100, { blank: true }), missing],
    timezone: badZone,
    preferences: [
      value('text', 'dark'),
      value('an unknown preference', { theme: 'dark' }, 'theme'),
      value('a scale that is none', { ratingScale: '7' }, 'ratingScale'),
      value(
        'a number for a choice',
        { removeWatchedFromWatchlist: 1 },
        'removeWatchedFromWatchlist',
      ),
      ...['06:01', '6:00', '24:00', '04:60', '04:00:00', '', 4, null].map((time) =>
        value(`a day that ends at ${JSON.stringify(time)}`, { dayEndsAt: time }, 'dayEndsAt'),
      ),
    ],
  }),
  ...perField('markAchievementsSeen', {
    achievements: [
      value('another word', 'some'),
      value('empty', []),
      value('a number', 9),
      value('with a number', [9], '0'),
      value('one that is none', ['night_owl', 'day_owl'], '1'),
      value('the same twice', ['night_owl', 'night_owl']),
      value(
        'of 501',
        Array.from({ length: 501 }, () => 'night_owl'),
      ),
    ],
  }),
  ...perField('createLibrary', {
    libraryId: badId,
    name: [...badText(200, { blank: true }), missing],
    kind: badChoice,
    paths,
  }),
  ...perField('renameLibrary', { name: [...badText(200, { blank: true }), missing] }),
  ...perField('changeLibraryPaths', { paths }),
  ...perField('registerAccount', {
    userId: badId,
    displayName: [...badText(100, { blank: true }), missing],
    role: badChoice,
    timezone: badZone,
  }),
  ...['requestRebuild', 'throttleRebuild'].map((operationId) =>
    inField(operationId, 'eventsPerSecond', badInteger(1, 2_147_483_647)),
  ),
  ...perField('importRadarr', { libraryId: badId }),
  ...perField('discardParked', { reason: [...badText(1_000, { blank: true }), missing] }),
  ...perField('createToken', {
    name: badText(100),
    scopes: [
      value('empty', []),
      value('text', 'read'),
      value('one that there is not', ['rule'], '0'),
      value('the same twice', ['read', 'read']),
    ],
    expiresInDays: badInteger(1, 3_650),
    userId: badId,
  }),
];
