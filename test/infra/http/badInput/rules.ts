import {
  addressOf,
  FILM,
  LIBRARY,
  OTHER_FILM,
  REMOVED_FILM,
  REMOVED_WATCH,
  routeOf,
  UNKNOWN,
  unknownOf,
  WATCH,
  WATCHED_AT,
  goodBodies,
  PICTURE,
  takesBody,
  takesImage,
} from '../requests.js';
import { OWNER_ID } from '../../../../src/infra/auth/owner.js';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import type { BadRequest, BadRequests } from './badRequest.js';

const to = (operationId: string, body?: object, ids: Readonly<Record<string, string>> = {}) => {
  const route = routeOf(operationId);
  return {
    method: route.method.toUpperCase(),
    path: addressOf(route, ids),
    ...(body ? { body } : {}),
    ...(takesImage(route) ? { raw: PICTURE } : {}),
  };
};

/** A day well ahead in every zone. */
const AHEAD = '2999-01-01';

const watchedValues = (operationId: string): BadRequests => {
  const bad = (what: string, watched: unknown, type: string, field: string): BadRequest => ({
    what,
    request: to(operationId, { ...goodBodies[operationId], watched }),
    status: 422,
    type,
    field,
  });
  return {
    about: `${operationId} of an impossible time`,
    cases: [
      bad(
        'a moment in the future',
        { at: `${AHEAD}T00:00:00Z` },
        'watched-in-future',
        'watched.at',
      ),
      bad('a day in the future', { date: AHEAD }, 'watched-in-future', 'watched.date'),
      bad(
        'a moment before films',
        { at: '1887-12-31T23:59:59Z' },
        'watched-too-early',
        'watched.at',
      ),
      bad('a day before films', { date: '1887-12-31' }, 'watched-too-early', 'watched.date'),
      bad('the 30th of February', { at: '2026-02-30T12:00:00Z' }, 'malformed', 'watched.at'),
    ].map((one) => (one.type === 'malformed' ? { ...one, status: 400 } : one)),
  };
};

const notFoundTypes: Readonly<Record<string, string>> = {
  movieId: 'movie-not-found',
  watchId: 'watch-not-found',
  libraryId: 'library-not-found',
  userId: 'account-not-found',
};

/** Parameters of a path that name something which may not be there. */
const namedThings = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).filter((name) => name !== 'kind');

/** Names of things that are not there. */
const unknownThings: BadRequests = {
  about: 'Every route to one thing, when that is not there',
  cases: routes
    .filter(({ path }) => path.includes('{'))
    // A person's watches of a film are none, whatever the film.
    .filter(({ operationId }) => operationId !== 'listMovieWatches')
    .flatMap((route) =>
      namedThings(route.path).map((name) => ({
        what: `${route.operationId}: no such ${name}`,
        request: to(
          route.operationId,
          takesBody(route) ? goodBodies[route.operationId] : undefined,
          { [name]: unknownOf(name) },
        ),
        status: 404,
        type: notFoundTypes[name] ?? 'not-found',
        ...(route.kind === 'command' ? {} : { type: 'not-found' }),
      })),
    ),
};
/** `If-Match` of another revision than the newest, on every command about something. */
const staleRevisions: BadRequests = {
  about: 'Every command, with the revision of another time',
  cases: routes
    .filter(({ kind, path }) => kind === 'command' && (path.includes('{') || path === '/me'))
    .map((route) => ({
      what: route.operationId,
      request: {
        ...to(route.operationId, takesBody(route) ? goodBodies[route.operationId] : undefined),
        headers: { 'If-Match': '"4711"' },
      },
      status: 412,
      type: 'revision-mismatch',
    })),
};

/** A key under which `prepareKey` sent something else. */
export const USED_KEY = 'used-before';
export const prepareKey = {
  ...to('rateMovie', { rating: 9 }),
  headers: { 'Idempotency-Key': USED_KEY },
};

const reusedKeys: BadRequests = {
  about: 'Every command, under a key that was used for something else',
  cases: routes
    .filter(({ kind }) => kind === 'command')
    .map((route) => ({
      what: route.operationId,
      request: {
        ...to(route.operationId, takesBody(route) ? goodBodies[route.operationId] : undefined),
        headers: { 'Idempotency-Key': USED_KEY },
      },
      status: 409,
      type: 'idempotency-key-reused',
    })),
};

const states: BadRequests = {
  about: 'What the present state does not allow',
  cases: [
    {
      what: 'the same watch at the very same instant',
      request: to('recordWatch', { watched: { at: WATCHED_AT } }),
      status: 409,
      type: 'watch-exists',
    },
    {
      what: 'a watch of a removed film',
      request: to('recordWatch', {}, { movieId: REMOVED_FILM }),
      status: 404,
      type: 'movie-removed',
    },
    {
      what: 'editing a removed film',
      request: to('editMovie', { tagline: 'Lost' }, { movieId: REMOVED_FILM }),
      status: 404,
      type: 'movie-removed',
    },
    {
      what: 'importing a removed film',
      request: to('importMovie', { movieId: REMOVED_FILM, title: 'London After Midnight' }),
      status: 409,
      type: 'movie-removed',
    },
    {
      what: 'an external id of another film',
      request: to('editMovie', { tmdbId: 18148 }),
      status: 409,
      type: 'external-id-taken',
    },
    {
      what: 'external ids of two films',
      request: to('importMovie', { movieId: UNKNOWN, title: 'Both', tmdbId: 961 }),
      status: 409,
      type: 'external-id-taken',
    },
    {
      what: 'removing a watch twice',
      request: to('removeWatch', undefined, { watchId: REMOVED_WATCH }),
      status: 404,
      type: 'watch-not-found',
    },
    {
      what: 'a watch of another film',
      request: to('removeWatch', undefined, { movieId: OTHER_FILM, watchId: WATCH }),
      status: 404,
      type: 'watch-not-found',
    },
    {
      what: 'watched without a watch',
      request: to('setWatchState', { state: 'watched' }, { movieId: OTHER_FILM }),
      status: 409,
      type: 'watched-needs-play',
    },
    {
      what: 'a library under an id that is taken',
      request: to('createLibrary', { libraryId: LIBRARY, name: 'Cellar', kind: 'series' }),
      status: 409,
      type: 'library-exists',
    },
    {
      what: 'an account under an id that is taken',
      request: to('registerAccount', { userId: OWNER_ID, displayName: 'Impostor' }),
      status: 409,
      type: 'account-exists',
    },
    {
      what: 'a token for nobody',
      request: to('createToken', { name: 'Script', userId: UNKNOWN }),
      status: 404,
      type: 'not-found',
    },
  ],
};

const contradictions: BadRequests = {
  about: 'What contradicts itself',
  cases: [
    {
      what: 'watched and justWatched',
      request: to('recordWatch', { watched: 'now', justWatched: true }),
      status: 422,
      type: 'watched-twice-told',
      field: 'justWatched',
    },
    {
      what: 'a watch of no film',
      request: to('recordWatchByExternalId', { watched: 'now' }),
      status: 400,
      type: 'malformed',
      field: 'movieId',
    },
    {
      what: 'a release date that is not known',
      request: to('recordWatch', { watched: 'released' }, { movieId: OTHER_FILM }),
      status: 422,
      type: 'release-date-unknown',
      field: 'watched',
    },
    {
      what: 'an amendment of nothing',
      request: to('amendWatch', {}),
      status: 422,
      type: 'nothing-to-amend',
      field: '',
    },
    ...['editMovie', 'changeProfile'].map((operationId) => ({
      what: `${operationId} without a change`,
      request: to(operationId, {}),
      status: 400,
      type: 'malformed',
      field: '',
    })),
    ...routes
      .filter((route) => route.kind === 'command' && takesBody(route) && route.path.includes('{'))
      .map((route) => ({
        what: `${route.operationId} with another id in the body than in the path`,
        request: to(route.operationId, {
          ...goodBodies[route.operationId],
          ...(route.path.includes('movieId') ? { movieId: OTHER_FILM } : { libraryId: UNKNOWN }),
        }),
        status: 400,
        type: 'malformed',
        field: route.path.includes('movieId') ? 'movieId' : 'libraryId',
      })),
    {
      what: 'stats of a year that is not said',
      request: { path: '/me/stats?period=year' },
      status: 400,
      type: 'malformed',
      field: 'year',
    },
    {
      what: 'stats of a month that is not said',
      request: { path: '/me/stats?period=month&year=2026' },
      status: 400,
      type: 'malformed',
      field: 'month',
    },
    {
      what: 'stats of a range without an end',
      request: { path: '/me/stats?period=range&from=2026-01-01' },
      status: 400,
      type: 'malformed',
      field: 'to',
    },
    ...[
      ['', 'year=2026', 'year'],
      ['', 'from=2026-01-01&to=2026-12-31', 'from'],
      ['all', 'month=2', 'month'],
      ['year', 'year=2026&month=2', 'month'],
      ['range', 'from=2026-01-01&to=2026-12-31&year=2026', 'year'],
    ].map(([period = '', query = '', field = '']) => ({
      what: `stats of the period "${period}" that tell ?${query}`,
      request: { path: `/me/stats?${period === '' ? '' : `period=${period}&`}${query}` },
      status: 400,
      type: 'malformed',
      field,
    })),
    {
      what: 'a history that ends before it begins',
      request: { path: '/me/history?from=2026-02-02&to=2026-02-01' },
      status: 400,
      type: 'malformed',
      field: 'to',
    },
    {
      what: 'films until before they begin',
      request: { path: '/movies?yearFrom=2000&yearTo=1999' },
      status: 400,
      type: 'malformed',
      field: 'yearTo',
    },
  ],
};

const nowhere: BadRequests = {
  about: 'Addresses at which there is nothing',
  cases: ['/films', '/movies/', `/movies/${FILM}/poster`, '/me/history/2026', '/..%2f', '/%00'].map(
    (path) => ({ what: path, request: { path }, status: 404, type: 'not-found' }),
  ),
};

/** Requests of a good form that a rule refuses. */
export const againstRules: readonly BadRequests[] = [
  watchedValues('recordWatch'),
  watchedValues('recordWatchByExternalId'),
  watchedValues('amendWatch'),
  unknownThings,
  staleRevisions,
  reusedKeys,
  states,
  contradictions,
  nowhere,
];
