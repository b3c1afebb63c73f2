import { accept, reject, type Decision } from '../decider.js';
import { FALLBACK_RUNTIME_MINUTES } from '../movie/snapshot.js';
import type { Rejection } from '../rejection.js';
import { minutesBetween } from '../time/localTime.js';
import type { ViewingCommand, ViewingContext, WatchedValue } from './commands.js';
import type {
  MovieWatched,
  TitleName,
  TitleSnapshot,
  ViewingEvent,
  WatchedWhen,
} from './events.js';
import { countedPlays } from './plays.js';
import type { Play, ViewingState } from './state.js';
import { UNKNOWN_TITLE } from './titleFacts.js';
import { resolveWatched } from './watchedValue.js';

type RecordWatchEvent = Extract<ViewingCommand, { type: 'RecordWatchEvent' }>;

/** Reports of one viewing by automatic sources lie at most so far apart, or the title's running time (D1.9). */
const DUPLICATE_MINUTES = 10;

/** SEMANTICS D1. */
export const recordWatch = (
  { data, context }: RecordWatchEvent,
  state: ViewingState,
): Decision<ViewingEvent> => {
  if (data.watched !== undefined && data.justWatched !== undefined) {
    return reject({
      kind: 'invalid',
      code: 'watched-twice-told',
      field: 'justWatched',
      message: 'cannot be given together with "watched"',
    });
  }
  const value = valueOf(data);
  const zone = data.timezone ?? context.zone;
  const resolved = resolveWatched(value, zone, context.now, context.title?.releaseDate);
  if ('rejected' in resolved) return reject(resolved.rejected);
  const { when } = resolved;
  const source = data.source ?? 'manual';

  // Told again: also what came along with it was told already, and may have been changed since.
  const known = recordedBefore({ data, context }, state, when);
  if (known) {
    // What "now" and "released" mean has moved on.
    const comparable = value !== 'now' && value !== 'released';
    const named = data.playId !== undefined && source !== 'import';
    return named && comparable && momentTold(known.told) !== momentTold(when)
      ? reject(exists(known, 'Another watch is recorded under this id.'))
      : accept();
  }
  if (source === 'manual' && data.force !== true) {
    const same = sameInstant(state, when);
    if (same) {
      return reject(
        exists(
          same,
          'A watch of this film at this very instant is recorded already. Say "force" to record another.',
        ),
      );
    }
  }
  const original = source === 'manual' ? undefined : nearDuplicate(state, when, context);
  return accept<ViewingEvent>(
    watchedEvent(context, when, {
      source,
      ...pick(data, ['externalId', 'device', 'client', 'playMethod', 'note']),
    }),
    ...(original ? [linked(context, original)] : []),
    ...rating(data, context, state),
    ...(original ? wishedStill(context, state) : offWatchlist(context, state)),
  );
};

const exists = ({ id }: Play, message: string): Rejection => ({
  kind: 'already-exists',
  code: 'watch-exists',
  message,
  existingId: id,
});

/** The play that a command tells of once more: one of the same id, or of the same key in an import. */
const recordedBefore = (
  { data, context }: Pick<RecordWatchEvent, 'data' | 'context'>,
  state: ViewingState,
  when: WatchedWhen,
): Play | undefined =>
  state.plays.get(context.playId) ??
  (data.source === 'import' ? importedBefore(state, when, data.externalId) : undefined);

/** The id of the play that a command records, or that it tells of once more. */
export const recordedPlayId = (
  { data, context }: Pick<RecordWatchEvent, 'data' | 'context'>,
  state: ViewingState,
): string => {
  const resolved = resolveWatched(
    valueOf(data),
    data.timezone ?? context.zone,
    context.now,
    context.title?.releaseDate,
  );
  return 'rejected' in resolved
    ? context.playId
    : (recordedBefore({ data, context }, state, resolved.when)?.id ?? context.playId);
};

const valueOf = ({ watched, justWatched }: RecordWatchEvent['data']): WatchedValue =>
  watched ?? (justWatched === true ? 'now' : 'unknown');

/** The play of a film that somebody says they have seen, without saying when (SEMANTICS D8). */
export const watchedSometime = (
  context: ViewingContext,
  state: ViewingState,
): readonly ViewingEvent[] => [
  watchedEvent(context, { precision: 'unknown', zone: context.zone }, { source: 'manual' }),
  ...offWatchlist(context, state),
];

const watchedEvent = (
  context: ViewingContext,
  watched: WatchedWhen,
  told: Pick<
    MovieWatched['data'],
    'source' | 'externalId' | 'device' | 'client' | 'playMethod' | 'note'
  >,
): ViewingEvent => ({
  type: 'MovieWatched',
  data: {
    userId: context.userId,
    titleId: context.titleId,
    kind: 'movie',
    playId: context.playId,
    watched,
    ...told,
    snapshot: context.title ?? unknownTitle,
    ...(context.title ? {} : { metadataPending: true }),
  },
});

/** Of a title that the catalogue does not know yet: the play is kept, its numbers are estimates. */
const unknownTitle: TitleSnapshot = {
  title: UNKNOWN_TITLE,
  runtimeMinutes: FALLBACK_RUNTIME_MINUTES,
  runtimeEstimated: true,
  genres: [],
  countries: [],
  directors: [],
  studios: [],
  actors: [],
};

/** The title's name for lists. */
export const nameOf = ({ title }: ViewingContext): TitleName => ({
  title: title?.title ?? unknownTitle.title,
  ...(title?.releaseYear === undefined ? {} : { releaseYear: title.releaseYear }),
});

/** Who and what every event of the stream is about. */
export const about = ({ userId, titleId }: ViewingContext) =>
  ({ userId, titleId, kind: 'movie' }) as const;

const rating = (
  { rating: value, source }: RecordWatchEvent['data'],
  context: ViewingContext,
  state: ViewingState,
): readonly ViewingEvent[] =>
  value === undefined || value === state.rating
    ? []
    : [
        {
          type: 'TitleRated',
          data: {
            ...about(context),
            rating: value,
            name: nameOf(context),
            ...(source === undefined ? {} : { source }),
          },
        },
      ];

const linked = (context: ViewingContext, original: Play): ViewingEvent => ({
  type: 'WatchLinkedAsDuplicate',
  data: { ...about(context), playId: context.playId, duplicateOf: original.id },
});

/** Another report of a viewing fulfils no wish that was made after that: to see the film once more. */
const wishedStill = (context: ViewingContext, state: ViewingState): readonly ViewingEvent[] =>
  state.wish === 'wanted'
    ? [{ type: 'WatchlistAdded', data: { ...about(context), name: nameOf(context) } }]
    : [];

/** Watched now: off the list, for those who prefer it so. */
const offWatchlist = (context: ViewingContext, state: ViewingState): readonly ViewingEvent[] =>
  context.removeWatchedFromWatchlist === true && state.wish !== 'none'
    ? [{ type: 'WatchlistRemoved', data: about(context) }]
    : [];

/** An import's key: the source's own id of the play, else when it was watched, to the second (D1.8). */
const importedBefore = (
  state: ViewingState,
  when: WatchedWhen,
  externalId: string | undefined,
): Play | undefined =>
  [...state.plays.values()].find(
    (play) =>
      play.source === 'import' &&
      (externalId === undefined
        ? play.externalId === undefined && toTheSecond(play.told) === toTheSecond(when)
        : play.externalId === externalId),
  );

const toTheSecond = (when: WatchedWhen): string =>
  when.precision === 'instant' ? when.instant.slice(0, 19) : momentTold(when);

/** When it was watched, wherever that was. */
const momentTold = (when: WatchedWhen): string => {
  switch (when.precision) {
    case 'instant':
      return when.instant;
    case 'date':
      return when.localDate;
    case 'unknown':
      return 'unknown';
    default:
      return when satisfies never;
  }
};

const sameInstant = (state: ViewingState, when: WatchedWhen): Play | undefined =>
  when.precision === 'instant'
    ? [...state.plays.values()].find(
        (play) =>
          play.removedAt === undefined &&
          play.watched.precision === 'instant' &&
          play.watched.instant === when.instant,
      )
    : undefined;

const nearDuplicate = (
  state: ViewingState,
  when: WatchedWhen,
  { title }: ViewingContext,
): Play | undefined => {
  if (when.precision !== 'instant') return undefined;
  const plays = [...state.plays.values()];
  const counted = countedPlays(
    plays.map(({ id, removedAt, duplicateOf }) => ({
      id,
      removed: removedAt !== undefined,
      ...(duplicateOf === undefined ? {} : { duplicateOf }),
    })),
  );
  return plays.find(
    (play) =>
      counted.has(play.id) &&
      play.watched.precision === 'instant' &&
      near(play.watched, when, title),
  );
};

const near = (
  a: Extract<WatchedWhen, { precision: 'instant' }>,
  b: Extract<WatchedWhen, { precision: 'instant' }>,
  title: TitleSnapshot | undefined,
): boolean =>
  minutesBetween(a.instant, b.instant) <=
  Math.max(DUPLICATE_MINUTES, title?.runtimeMinutes ?? FALLBACK_RUNTIME_MINUTES);

/** Whether plays at these times cannot be of one viewing: too far apart, or not even on one day. */
export const apart = (a: WatchedWhen, b: WatchedWhen, title: TitleSnapshot | undefined): boolean =>
  a.precision === 'instant' && b.precision === 'instant'
    ? !near(a, b, title)
    : a.precision !== 'unknown' && b.precision !== 'unknown' && a.localDate !== b.localDate;

/** The named properties that are there. */
const pick = <T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> =>
  Object.fromEntries(
    keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]),
  ) as Pick<T, K>;
