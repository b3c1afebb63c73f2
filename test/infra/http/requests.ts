import { personIdOf } from '../../../src/domain/person/personId.js';
import { collectionStream } from '../../../src/domain/streams.js';
import { routes } from '../../../src/infra/http/routes/routes.js';
import { parameterNames, type Route } from '../../../src/infra/http/route.js';
import { libraries } from '../../../src/projections/libraries/libraries.js';
import { streaks } from '../../../src/projections/streaks/streaks.js';
import { openWorkQueue } from '../../../src/infra/jobs/queue/workQueue.js';
import type { HttpRequest } from '../../support/service/httpClient.js';
import { recordable } from '../../support/readModels/projectionSpecification.js';
import { testLogger } from '../../support/run/logger.js';
import type { RunningReellog } from '../../support/service/reellog.js';

/** Ids that requests name before they are sent. */
export const FILM = '00000000-0000-4000-8000-000000000001';
export const OTHER_FILM = '00000000-0000-4000-8000-000000000002';
export const REMOVED_FILM = '00000000-0000-4000-8000-000000000003';
export const WATCH = '00000000-0000-4000-8000-000000000011';
export const REMOVED_WATCH = '00000000-0000-4000-8000-000000000012';
export const LIBRARY = '00000000-0000-4000-8000-000000000021';
/** A collection that the first film belongs to. */
export const COLLECTION = '00000000-0000-4000-8000-000000000041';
/** Somebody that nothing else is about. */
export const PERSON = '00000000-0000-4000-8000-000000000031';
/** Nothing has this id. */
export const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

/** Rebuilds of read models that no code has, so that nobody builds them: under way, retired, and ended. */
export const REBUILD = '900001';
export const RETIRED_REBUILD = '900002';
export const ENDED_REBUILD = '900003';
/** A retired one of a read model that there is. */
export const ROLLED_BACK_REBUILD = '900004';

/** Parked events: of read models that no code has, and one that can be projected. */
export const PARKED = '900001';
export const DISCARDED_PARKED = '900002';
export const RETRIED_PARKED = '900003';

/** Work in the queue: that waits, that failed, and that is to be discarded. */
export const WAITING_WORK = '900001';
export const FAILED_WORK = '900002';
export const DISCARDED_WORK = '900003';
/** An import that has ended. */
export const IMPORT = '900001';

/** A Radarr that nobody answers for, so that imports from it can be asked for. */
export const awayRadarr = { radarrUrl: 'http://127.0.0.1:9', radarrKey: 'a-key' } as const;

/** The moment of `WATCH`. */
export const WATCHED_AT = '2026-02-06T20:15:00.000Z';

/** Makes what the ids above stand for. */
export const prepare = async (reellog: RunningReellog): Promise<void> => {
  const films = [
    {
      ...{
        movieId: FILM,
        title: 'The General',
        tmdbId: 961,
        releaseDate: '1926-12-31',
        year: 1926,
      },
      cast: [
        { name: 'Marion Mack', character: 'Annabelle Lee' },
        { name: 'Clyde Bruckman', character: 'A soldier', tmdbId: 8636 },
      ],
      crew: [{ name: 'Clyde Bruckman', job: 'Director', department: 'Directing', tmdbId: 8636 }],
      keywords: ['journey'],
    },
    { movieId: OTHER_FILM, title: 'Tokyo Story', tmdbId: 18148, keywords: ['journey'] },
    { movieId: REMOVED_FILM, title: 'London After Midnight', tmdbId: 48232 },
  ];
  const requests = [
    ...films.map((body) => ({ method: 'POST', path: '/movies', body })),
    { method: 'DELETE', path: `/movies/${REMOVED_FILM}` },
    {
      method: 'POST',
      path: `/movies/${FILM}/watches`,
      body: { playId: WATCH, watched: { at: WATCHED_AT } },
    },
    { method: 'POST', path: `/movies/${FILM}/watches`, body: { playId: REMOVED_WATCH } },
    { method: 'DELETE', path: `/movies/${FILM}/watches/${REMOVED_WATCH}` },
    {
      method: 'POST',
      path: '/libraries',
      body: { libraryId: LIBRARY, name: 'Attic', kind: 'movies' },
    },
    { method: 'POST', path: '/accounts', body: { userId: PERSON, displayName: 'Somebody' } },
  ];
  for (const request of requests) {
    const answer = await reellog.api(request);
    if (answer.status >= 300) throw new Error(`${request.path}: ${answer.text}`);
  }
  await reellog.reellog.eventStore.append(
    collectionStream(COLLECTION),
    [recordable({ type: 'CollectionImported', data: collection })],
    { expectedRevision: 'no-stream' },
  );
  await reellog.reellog.database.query({
    text: `
      insert into projections.builds (id, name, version, schema, state, requested_by) overriding system value
      select id, name, version, name || '_before', state, 'nobody'
      from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[]) as b (id, name, version, state)`,
    values: [
      [REBUILD, RETIRED_REBUILD, ENDED_REBUILD, ROLLED_BACK_REBUILD],
      ['decades', 'centuries', 'eras', streaks.name],
      [1, 1, 1, streaks.version],
      ['waiting', 'retired', 'served', 'retired'],
    ],
  });
  await reellog.reellog.database.query({
    text: `insert into library_imports
             (id, source, library_id, requested_by, started_at, ended_at, outcome, done, total, summary)
           overriding system value
           values ($1, 'radarr', $2, 'nobody', now(), now(), 'done', 3, 3, $3)`,
    values: [IMPORT, LIBRARY, JSON.stringify(importSummary)],
  });
  await park(reellog);
  await queueWork(reellog);
};

const collection = {
  ...{ collectionId: COLLECTION, tmdbId: 5, name: 'Trains' },
  parts: [{ tmdbId: 961, title: 'The General', releaseDate: '1926-12-31' }],
};

/** Puts work in the queue that nobody does: it is of a kind that no process knows. */
const queueWork = async ({ reellog: { database, connectionString } }: RunningReellog) => {
  // Makes the tables of the queue, where they are not there.
  const queue = await openWorkQueue({
    ...{ database, connectionString, logger: testLogger },
    tasks: [],
  });
  await queue.close();
  await database.query({
    text: `with task as (
             insert into work_queue._private_tasks (identifier) values ('unknown-work') returning id
           )
           insert into work_queue._private_jobs (id, task_id, payload, key) overriding system value
           select work, task.id, '{}', 'unknown-work:' || work from task, unnest($1::bigint[]) as work`,
    values: [[WAITING_WORK, FAILED_WORK, DISCARDED_WORK]],
  });
  await database.query({
    text: `select work_queue.permanently_fail_jobs(array[$1]::bigint[], 'no such luck')`,
    values: [FAILED_WORK],
  });
  await database.query({
    text: `insert into job_runs (job, due_at, ended_at, outcome, detail, process)
           values ('forget-runs', now(), now(), 'done', 'forgot nothing', 'here:1')`,
  });
};

const importSummary = {
  inLibrary: 3,
  films: { added: 2, alreadyThere: 0, refused: 1 },
  files: { added: 2, alreadyThere: 0, refused: 0 },
  detached: { added: 0, alreadyThere: 0, refused: 0 },
  ...{ doubtful: 0, unreadableCount: 1, events: 4 },
  unreadable: [{ entry: 'Untold', why: 'it has no id of TMDb' }],
  refused: [{ code: 'movie-removed', count: 1, example: '"London After Midnight"' }],
};

/** Parks the creation of `LIBRARY`, for three read models. */
const park = async ({ reellog }: RunningReellog): Promise<void> => {
  const { events } = await reellog.eventStore.readStream(`library-${LIBRARY}`, { maxCount: 1 });
  const [event] = events;
  if (!event) throw new Error('there is no library');
  await reellog.database.query({
    text: `
      with parked as (
        insert into projections.parked_events (
          id, projection, version, event_id, position, stream, revision, type, recorded_at, state, error,
          detail, attempts, first_failed_at, last_failed_at, parked_at) overriding system value
        select id, name, $3, $4, $5, $6, $7, $8, $9, 'parked', 'no room', 'Error: no room', 4, now(), now(), now()
        from unnest($1::bigint[], $2::text[]) as p (id, name)
        returning id
      )
      insert into projections.parked_acts (parked_id, actor, act, outcome, detail)
      select id, 'engine', 'park', 'parked', 'no room' from parked`,
    values: [
      [PARKED, DISCARDED_PARKED, RETRIED_PARKED],
      ['decades', 'eras', libraries.name],
      libraries.version,
      ...[event.id, event.position, event.stream, event.revision, event.type, event.recordedAt],
    ],
  });
};

/** A body that each route which takes one accepts. */
export const goodBodies: Readonly<Record<string, object>> = {
  importMovie: { title: 'Ikiru' },
  editMovie: { tagline: 'Laughs! Thrills! Trains!' },
  unlockMovieFields: { fields: ['tagline'] },
  refreshMovie: { source: 'tmdb', changes: { runtimeMinutes: 79 } },
  recordWatch: { watched: { date: '2025-12-24' } },
  recordWatchByExternalId: { tmdbId: 3112, watched: { at: '2024-05-01T21:00:00+02:00' } },
  amendWatch: { note: 'With a live orchestra' },
  restoreWatch: { force: true },
  rateMovie: { rating: 9.5 },
  writeReview: { review: 'The cannon scene alone.' },
  addFavorite: { at: '2025-12-24T20:00:00Z' },
  addToWatchlist: { at: '2025-12-20T20:00:00Z' },
  setWatchState: { state: 'on_hold' },
  changeProfile: { displayName: 'Buster' },
  markAchievementsSeen: { achievements: 'all' },
  createLibrary: { name: 'Cellar', kind: 'movies', paths: ['/films'] },
  renameLibrary: { name: 'Loft' },
  changeLibraryPaths: { paths: ['/films', '/more films'] },
  importRadarr: { libraryId: LIBRARY },
  registerAccount: { displayName: 'Marion' },
  changeRole: { role: 'admin' },
  createToken: { name: 'Script', scopes: ['read'], expiresInDays: 7 },
  requestRebuild: { eventsPerSecond: 1_000 },
  throttleRebuild: { eventsPerSecond: 500 },
  discardParked: { reason: 'Recorded twice' },
};

/** A picture of 2×3 pixels. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGMQcDgARAwoFAA+5QZhePr8AgAAAABJRU5ErkJggg==',
  'base64',
);

/** The route of an operation. */
export const routeOf = (operationId: string): Route => {
  const route = routes.find((one) => one.operationId === operationId);
  if (!route) throw new Error(`there is no operation ${operationId}`);
  return route;
};

const idOf: Readonly<Record<string, string>> = {
  movieId: FILM,
  watchId: WATCH,
  libraryId: LIBRARY,
  collectionId: COLLECTION,
  userId: PERSON,
  tokenId: UNKNOWN,
  importId: IMPORT,
  rebuildId: REBUILD,
  parkedId: PARKED,
  // Of whoever has a credit of the film.
  personId: personIdOf({ name: 'Clyde Bruckman', tmdbId: 8636 }),
  jobName: 'forget-runs',
  workId: WAITING_WORK,
  name: 'ratings',
  kind: 'poster',
};

/** Something of the right form that is not there. */
export const unknownOf = (parameter: string): string =>
  ({
    ...{ rebuildId: '999999', importId: '999999', parkedId: '999999', workId: '999999' },
    ...{ name: 'decades', kind: 'logo', jobName: 'weep' },
  })[parameter] ?? UNKNOWN;

/** What queries cannot be asked without. */
const neededQueries: Readonly<Record<string, string>> = {
  search: '?q=general',
  completeSearch: '?q=gen',
};

/** A route's address, with ids that are there unless others are given. */
export const addressOf = (
  route: Route,
  ids: Readonly<Record<string, string | undefined>> = {},
): string =>
  parameterNames(route.path).reduce(
    (path, name) => path.replace(`{${name}}`, ids[name] ?? idOf[name] ?? UNKNOWN),
    route.path,
  ) + (neededQueries[route.operationId] ?? '');

/** The schema of the body that a route takes, if it takes one. */
export const takesBody = (route: Route): boolean =>
  route.kind !== 'query' && route.kind !== 'stream' && route.body !== undefined;

/** Whether the body that it takes is a picture. */
export const takesImage = (route: Route): boolean =>
  route.kind === 'command' && route.takesImage === true;

/** Operations on something else than what most are on, so that none spoils another's. */
const ids: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  removeMovie: { movieId: OTHER_FILM },
  restoreMovie: { movieId: REMOVED_FILM },
  restoreWatch: { watchId: REMOVED_WATCH },
  rollBackRebuild: { rebuildId: ROLLED_BACK_REBUILD },
  dropRebuild: { rebuildId: RETIRED_REBUILD },
  retryParked: { parkedId: RETRIED_PARKED },
  discardParked: { parkedId: DISCARDED_PARKED },
  discardWork: { workId: DISCARDED_WORK },
};

/** A request to a route that it accepts. */
export const requestTo = (
  route: Route,
  given: Readonly<Record<string, string>> = {},
): HttpRequest => ({
  method: route.method.toUpperCase(),
  path: addressOf(route, { ...ids[route.operationId], ...given }),
  ...(takesImage(route) ? { raw: PICTURE } : {}),
  ...(takesBody(route) ? { body: goodBodies[route.operationId] } : {}),
});
