import { accept, reject, type Decision } from '../../decider.js';
import { FALLBACK_RUNTIME_MINUTES } from '../../movie/snapshot.js';
import type { Rejection } from '../../rejection.js';
import type { Instant } from '../../schemas.js';
import { minutesBetween } from '../../time/localTime.js';
import type { ViewingCommand, ViewingContext, WatchedValue } from '../commands.js';
import { isOwn } from './doubles.js';
import type {
  MovieWatched,
  TitleName,
  TitleSnapshot,
  ViewingEvent,
  WatchedWhen,
} from '../events.js';
import { isBackdated, momentOf } from './plays.js';
import { withLineFeeds } from '../lineBreaks.js';
import { oneDecimal } from '../rating.js';
import type { Play, ViewingState } from '../state.js';
import { UNKNOWN_TITLE } from '../titleFacts.js';
import { resolveWatched } from './watchedValue.js';

type RecordWatchEvent = Extract<ViewingCommand, { type: 'RecordWatchEvent' }>;

/** Two watches reported as "now" within so many minutes are one: a double click (SEMANTICS D1.9). */
const DOUBLE_CLICK_MINUTES = 10 / 60;

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
  const resolved = resolveWatched(value, zone, context);
  if ('rejected' in resolved) return reject(resolved.rejected);
  const { when } = resolved;
  const source = data.source ?? 'manual';

  // Reported again: what came with it was reported before, too, and may have been changed since.
  const known = recordedBefore({ data, context }, state, when);
  if (known) return reportedAgain({ data, context }, known, when);
  if (source === 'manual' && data.force !== true) {
    const same = value === 'now' ? justRecorded(state, context) : sameWatch(state, when);
    if (same) return reject(sameTwice(same));
  }
  const resumes =
    state.mark !== undefined &&
    source !== 'import' &&
    data.keepState !== true &&
    !isBackdated(when, new Date(context.now));
  return accept<ViewingEvent>(
    watchedEvent(context, when, {
      source,
      ...pick(data, ['externalId', 'device', 'client', 'playMethod']),
      ...(data.note === undefined ? {} : { note: withLineFeeds(data.note) }),
      ...(resumes ? { resumes } : {}),
      ...(context.title ? {} : calledBy(data)),
    }),
    ...rating(data, when, context, state),
  );
};

/** A watch that is recorded already: nothing to do, unless it is not what was recorded, or is no longer there. */
const reportedAgain = (
  { data, context }: Pick<RecordWatchEvent, 'data' | 'context'>,
  known: Play,
  when: WatchedWhen,
): Decision<ViewingEvent> => {
  // An import does not bring back what the person removed (SEMANTICS D1.8).
  if (data.source === 'import') return accept();
  const value = valueOf(data);
  // What "now" and "released" mean has moved on.
  const isComparable = data.playId !== undefined && value !== 'now' && value !== 'released';
  if (isComparable && momentReported(known.reported) !== momentReported(when)) {
    return reject(exists(known, 'Another watch is recorded under this id.'));
  }
  return known.removedAt === undefined
    ? accept()
    : reject({
        ...exists(
          known,
          `This watch was removed at ${known.removedAt}. Restore it with POST ` +
            `/api/v1/movies/${context.titleId}/watches/${known.id}/restore, or record another one ` +
            'under another "playId".',
        ),
        code: 'watch-removed',
      });
};

/** The rejection of a watch that is there already. */
export const sameTwice = (same: Play): Rejection =>
  exists(
    same,
    same.watched.precision === 'date'
      ? 'A watch of this film on this day is recorded already. Say "force": true to have both.'
      : 'A watch of this film at this time is recorded already. Say "force": true to have both.',
  );

const exists = ({ id }: Play, message: string) => ({
  kind: 'already-exists' as const,
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
  const resolved = resolveWatched(valueOf(data), data.timezone ?? context.zone, context);
  return 'rejected' in resolved
    ? context.playId
    : (recordedBefore({ data, context }, state, resolved.when)?.id ?? context.playId);
};

const valueOf = ({ watched, justWatched }: RecordWatchEvent['data']): WatchedValue =>
  watched ?? (justWatched === true ? 'now' : 'unknown');

/** The play of a film that somebody says they have seen, without saying when (SEMANTICS D8). */
export const watchedSometime = (context: ViewingContext, state: ViewingState): ViewingEvent =>
  watchedEvent(
    context,
    { precision: 'unknown', zone: context.zone },
    { source: 'manual', ...(state.mark === undefined ? {} : { resumes: true }) },
  );

const watchedEvent = (
  context: ViewingContext,
  watched: WatchedWhen,
  reported: Pick<
    MovieWatched['data'],
    | 'source'
    | 'externalId'
    | 'device'
    | 'client'
    | 'playMethod'
    | 'note'
    | 'resumes'
    | 'externalIds'
  >,
): ViewingEvent => ({
  type: 'MovieWatched',
  data: {
    userId: context.userId,
    titleId: context.titleId,
    kind: 'movie',
    playId: context.playId,
    watched,
    ...reported,
    snapshot: context.title ?? unknownTitle,
    ...(context.title ? {} : { metadataPending: true }),
  },
});

/** The names of a title that the catalogue does not know: all that there is to find it by. */
const calledBy = (data: RecordWatchEvent['data']): Pick<MovieWatched['data'], 'externalIds'> => {
  const externalIds = pick(data, ['tmdbId', 'imdbId', 'tvdbId']);
  return Object.keys(externalIds).length === 0 ? {} : { externalIds };
};

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

/**
 * The rating of a diary entry. An import's is of when the film was watched, and takes nothing back that the person
 * has said since.
 */
const rating = (
  { rating: reported, source }: RecordWatchEvent['data'],
  when: WatchedWhen,
  context: ViewingContext,
  state: ViewingState,
): readonly ViewingEvent[] => {
  if (reported === undefined) return [];
  const value = oneDecimal(reported);
  const at = source === 'import' && when.precision !== 'unknown' ? momentOf(when) : undefined;
  if (value === state.rating || isOlder(at, state)) return [];
  return [
    {
      type: 'TitleRated',
      data: {
        rating: value,
        name: nameOf(context),
        ...(source === undefined ? {} : { source }),
        ...(at === undefined ? {} : { at }),
        ...about(context),
      },
    },
  ];
};

/** Older than the rating that there is, which is as new as can be where the person did not say when. */
const isOlder = (at: Instant | undefined, { rating: there, ratedAt }: ViewingState): boolean =>
  at !== undefined && there !== undefined && (ratedAt === undefined || at < ratedAt);

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
        ? play.externalId === undefined && toTheSecond(play.reported) === toTheSecond(when)
        : play.externalId === externalId),
  );

const toTheSecond = (when: WatchedWhen): string =>
  when.precision === 'instant' ? when.instant.slice(0, 19) : momentReported(when);

/** When it was watched, wherever that was. */
const momentReported = (when: WatchedWhen): string => {
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

/** Another present play that is the same watch: at the very instant, or a person's own of the same day alone. */
export const sameWatch = (
  { plays }: ViewingState,
  when: WatchedWhen,
  isOther: (play: Play) => boolean = () => true,
): Play | undefined =>
  when.precision === 'unknown'
    ? undefined
    : [...plays.values()].find(
        (play) =>
          play.removedAt === undefined &&
          play.watched.precision === when.precision &&
          momentReported(play.watched) === momentReported(when) &&
          (when.precision === 'instant' || isOwn(play)) &&
          isOther(play),
      );

/** The play that the person recorded by a first click of two. */
const justRecorded = ({ plays }: ViewingState, { now }: ViewingContext): Play | undefined =>
  [...plays.values()].find(
    (play) =>
      play.removedAt === undefined &&
      play.source === 'manual' &&
      play.watched.precision === 'instant' &&
      minutesBetween(play.watched.instant, now) <= DOUBLE_CLICK_MINUTES,
  );

/** An event that happens on a condition. */
export const when = (condition: boolean, event: ViewingEvent): readonly ViewingEvent[] =>
  condition ? [event] : [];

/** The named properties that are there. */
const pick = <T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> =>
  Object.fromEntries(
    keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]),
  ) as Pick<T, K>;
