import { addressOf, routeOf } from '../requests.js';
import type { BadRequests } from './badRequest.js';

/** What each parameter of a query string refuses. */
const inQuery = (
  operationId: string,
  parameter: string,
  values: readonly string[],
  around = '',
): BadRequests => ({
  about: `${operationId}'s ?${parameter}`,
  cases: values.map((sent) => ({
    what: sent === '' ? 'nothing' : sent.slice(0, 60),
    request: { path: `${addressOf(routeOf(operationId))}?${around}${parameter}=${sent}` },
    status: 400,
    type: 'malformed',
    field: parameter,
  })),
});

const cursor = (...parts: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');
const ID = '00000000-0000-4000-8000-000000000001';

const limits = (most: number): readonly string[] => [
  '',
  '0',
  '-1',
  '1.5',
  'ten',
  String(most + 1),
  '1e300',
  'Infinity',
  '20&limit=30',
];

/** Not a place in any list. */
const noCursor: readonly string[] = [
  '',
  'abc',
  '%00',
  'x'.repeat(2_001),
  cursor(),
  cursor('2026-02-06T00:00:00.000Z'),
  cursor('2026-02-06T00:00:00.000Z', ID, 1),
  cursor('2026-02-06T00:00:00.000Z', "' or 1=1 --"),
  cursor({ $gt: '' }, ID),
  cursor(null, ID),
  cursor('a\0b', ID),
  Buffer.from(`{"value":1,"id":"${ID}"}`).toString('base64url'),
];

/** Not a place in a list that is sorted by days or moments. */
const noMoment: readonly string[] = [
  cursor(5, ID),
  cursor('yesterday', ID),
  cursor('2026-02-30', ID),
  cursor('2026-02-30T00:00:00.000Z', ID),
  cursor('0000-01-01', ID),
  cursor('2026-01-01T99:99:99.999Z', ID),
];

const noNumber: readonly string[] = [
  cursor('5', ID),
  cursor(true, ID),
  Buffer.from(`[1e999,"${ID}"]`).toString('base64url'),
];

const days: readonly string[] = [
  '',
  'today',
  '2026-02-30',
  '0000-01-01',
  '2026-2-6',
  '20260206',
  '2026-02-06T00:00:00Z',
];

const RANDOM = 'sort=random&seed=7&';

export const inQueryStrings: readonly BadRequests[] = [
  inQuery('listMovies', 'q', ['', 'x'.repeat(501), '%00', 'a&q=b']),
  inQuery('listMovies', 'seed', ['', '-1', '1.5', '2147483648', 'dice'], 'sort=random&'),
  inQuery('listMovies', 'seed', ['7'], 'sort=title&'),
  inQuery('listMovies', 'cursor', [cursor(5, ID), cursor('9223372036854775808', ID)], RANDOM),
  inQuery('listMovies', 'sort', ['', 'popularity', 'title;drop%20table', 'year&sort=title']),
  inQuery('listMovies', 'order', ['', 'up', 'ASC']),
  inQuery('listMovies', 'genre', ['x'.repeat(201), 'a%00b']),
  inQuery('listMovies', 'yearFrom', ['', '1869', '2201', 'MCMXXVI', '1926.5']),
  inQuery('listMovies', 'yearTo', ['', '1869', '2201', '-1', '1e99']),
  inQuery('listMovies', 'decade', ['', '1985', '3000', 'eighties']),
  inQuery('listMovies', 'language', ['', 'EN', 'english']),
  inQuery('listMovies', 'country', ['', 'us', 'USA']),
  inQuery('listMovies', 'minRating', ['', '-0.1', '10.1', 'NaN', 'good']),
  inQuery('listMovies', 'studio', ['', 'x'.repeat(201), 'a&studio=']),
  inQuery('listMovies', 'keyword', ['', 'a%00b', 'a&keyword=b'.repeat(21)]),
  inQuery('listMovies', 'collectionId', ['', 'toys', `${ID}&collectionId=toys`]),
  inQuery('listMovies', 'personId', ['', 'Tom%20Hanks']),
  inQuery('listMovies', 'year', ['', '1869', 'now', '1999&year=2201']),
  inQuery('listMovies', 'runtimeFrom', ['', '0', '6001', 'long']),
  inQuery('listMovies', 'runtimeTo', ['', '-5', '89'], 'runtimeFrom=90&'),
  inQuery('listMovies', 'hasFile', ['', 'yes', '1']),
  inQuery('listMovies', 'minVotes', ['', '-1', '1.5', 'many']),
  inQuery('listMovies', 'watched', ['', 'yes', '1', 'true&watched=false']),
  inQuery('countMovies', 'yearTo', ['1949'], 'yearFrom=1950&'),
  inQuery('countMovies', 'sort', ['title']),
  inQuery('listSimilarMovies', 'limit', limits(50)),
  inQuery('listStudios', 'prefix', ['', 'x'.repeat(201), 'a&prefix=b']),
  inQuery('listStudios', 'cursor', [...noCursor, cursor(5, ID)]),
  inQuery('listKeywords', 'limit', limits(500)),
  inQuery('listCollections', 'limit', limits(500)),
  inQuery('listCollections', 'cursor', [...noCursor, cursor(5, ID)]),
  inQuery('listMovies', 'libraryId', ['', 'attic', "'%20or%201=1"]),
  inQuery('listMovies', 'limit', limits(100)),
  inQuery('listMovies', 'cursor', [...noCursor, cursor(5, ID)], 'sort=title&'),
  inQuery('listMovies', 'cursor', [...noNumber, cursor(1.5, ID), cursor(1e12, ID)], 'sort=year&'),
  inQuery('listMovies', 'cursor', [...noCursor, ...noNumber], 'sort=rating&'),
  inQuery('listMovies', 'cursor', noMoment, 'sort=releaseDate&'),
  inQuery('listMovies', 'cursor', noMoment, 'sort=added&'),
  inQuery('listMovies', 'cursor', noNumber, 'q=tokyo&'),

  inQuery('listHistory', 'sort', ['', 'title', 'watched;']),
  inQuery('listHistory', 'movieId', ['', 'metropolis', '1']),
  inQuery('listHistory', 'from', days),
  inQuery('listHistory', 'to', days),
  inQuery('listHistory', 'limit', limits(500)),
  inQuery('listHistory', 'cursor', [...noCursor, ...noMoment]),

  inQuery('listWatchlist', 'state', ['', 'none', 'in_progress', 'WATCHED']),
  inQuery('listWatchlist', 'limit', limits(500)),
  inQuery('listWatchlist', 'cursor', [...noCursor, ...noMoment]),
  inQuery('listFavorites', 'limit', limits(500)),
  inQuery('listFavorites', 'cursor', [...noCursor, ...noMoment]),
  inQuery('listRatings', 'sort', ['', 'best']),
  inQuery('listRatings', 'limit', limits(500)),
  inQuery('listRatings', 'cursor', [...noCursor, ...noMoment]),
  inQuery('listRatings', 'cursor', [...noCursor, ...noNumber], 'sort=rating&'),

  inQuery('getStats', 'period', ['', 'week', 'ALL']),
  inQuery('getStats', 'year', ['', '1887', '10000', '2026.5', 'this'], 'period=year&'),
  inQuery('getStats', 'month', ['', '0', '13', 'May'], 'period=month&year=2026&'),
  inQuery('getStats', 'from', days, 'period=range&to=2026-12-31&'),
  inQuery('getStats', 'to', [...days, '2025-12-31'], 'period=range&from=2026-01-01&'),
  inQuery('getStats', 'limit', limits(100)),
];
