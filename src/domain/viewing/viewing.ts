import { accept, reject, type Decider, type Decision } from '../decider.js';
import type { Rejection } from '../rejection.js';
import type { Instant } from '../schemas.js';
import { dayNumber } from '../time/calendar.js';
import type { ViewingCommand, ViewingContext } from './commands.js';
import type { ViewingEvent } from './events.js';
import { duplicatesOf, isOwn } from './doubles.js';
import { withLineFeeds } from './lineBreaks.js';
import { oneDecimal } from './rating.js';
import { adoptViewing, moveViewing } from './moving.js';
import {
  about,
  nameOf,
  recordWatch,
  sameTwice,
  sameWatch,
  watchedSometime,
} from './recordWatch.js';
import { evolve, initialViewing, standing, type Play, type ViewingState } from './state.js';
import { factsKnown } from './titleFacts.js';
import { PLAY_EVENTS } from './titlePlays.js';
import { inZone, resolveMoment, resolveWatched } from './watchedValue.js';

/** For how long a removed play can be restored (SEMANTICS D3.1). */
const RESTORE_DAYS = 30;

type Command<Name extends ViewingCommand['type']> = Extract<ViewingCommand, { type: Name }>;

/** Decides on what was told, and judges anew which plays report the same viewing. */
const decide = (command: ViewingCommand, state: ViewingState): Decision<ViewingEvent> => {
  const told = decideTold(command, state);
  if ('rejected' in told || !told.accepted.some(isPlayEvent)) return told;
  const links = linksPutRight(command.context, told.accepted.reduce(evolve, state));
  // A play that counts until now is linked first, so that no viewing counts twice even between two events.
  const early = links.filter(
    ({ type, data: { playId } }) =>
      type === 'WatchLinkedAsDuplicate' && isCounted(state.plays.get(playId)),
  );
  const late = links.filter((link) => !early.includes(link));
  const events =
    command.type === 'AdoptViewing'
      ? [...early, ...told.accepted, ...late]
      : [
          ...early,
          ...told.accepted.filter(isPlayEvent),
          ...late,
          ...told.accepted.filter((event) => !isPlayEvent(event)),
        ];
  return accept(...events, ...takenOff(command, events.reduce(evolve, state)));
};

type Link = Extract<ViewingEvent, { type: 'WatchLinkedAsDuplicate' | 'WatchUnlinked' }>;

/** Makes the links of all plays what they should be (SEMANTICS D1.9): first those that are made, then the ended. */
const linksPutRight = (context: ViewingContext, { plays }: ViewingState): readonly Link[] => {
  const links = duplicatesOf(plays.values(), context.title?.runtimeMinutes);
  const made: Link[] = [];
  const ended: Link[] = [];
  for (const { id: playId, duplicateOf: old, removedAt } of plays.values()) {
    const duplicateOf = links.get(playId);
    if (removedAt !== undefined || duplicateOf === old) continue;
    const data = { ...about(context), playId };
    if (duplicateOf === undefined) ended.push({ type: 'WatchUnlinked', data });
    else made.push({ type: 'WatchLinkedAsDuplicate', data: { ...data, duplicateOf } });
  }
  return [...made, ...ended];
};

const isPlayEvent = ({ type }: ViewingEvent): boolean => playEvents.has(type);
const playEvents: ReadonlySet<string> = new Set<string>(PLAY_EVENTS);

const isCounted = (play: Play | undefined): boolean =>
  play !== undefined && play.removedAt === undefined && play.duplicateOf === undefined;

/** A film that was watched now goes off the list, for those who prefer it so. */
const takenOff = (
  { type, context }: ViewingCommand,
  state: ViewingState,
): readonly ViewingEvent[] =>
  when(
    (type === 'RecordWatchEvent' || type === 'SetWatchState') &&
      context.removeWatchedFromWatchlist === true &&
      state.wish?.takenOff !== true &&
      state.wish !== undefined &&
      !standing(state).isWanted,
    { type: 'WatchlistRemoved', data: { ...about(context), playId: context.playId } },
  );

const decideTold = (command: ViewingCommand, state: ViewingState): Decision<ViewingEvent> => {
  const { context } = command;
  switch (command.type) {
    case 'RecordWatchEvent':
      return recordWatch(command, state);
    case 'AmendWatch':
      return amendWatch(command, state);
    case 'RemoveWatch': {
      const { playId } = command.data;
      return presentPlay(state, playId)
        ? accept({
            type: 'WatchRemoved',
            data: { ...about(context), playId, removedAt: context.now },
          })
        : reject(unknownWatch);
    }
    case 'RestoreWatch':
      return restoreWatch(command, state);
    case 'RateMovie':
      return dated(command, (at) => rateMovie(command, at, state));
    case 'RemoveRating':
      return accept(
        ...when(state.rating !== undefined, { type: 'RatingRemoved', data: about(context) }),
      );
    case 'WriteReview':
      return dated(command, (at) => accept(...written({ ...command.data, at }, context, state)));
    case 'RemoveReview':
      return accept(
        ...when(state.review !== undefined, { type: 'ReviewRemoved', data: about(context) }),
      );
    case 'AddToFavorites':
      return dated(command, (at) =>
        accept(
          ...when(!state.favorite || isOther(at, state.favoriteAt), {
            type: 'FavoriteAdded',
            data: { ...about(context), name: nameOf(context), ...told(at) },
          }),
        ),
      );
    case 'RemoveFromFavorites':
      return accept(...when(state.favorite, { type: 'FavoriteRemoved', data: about(context) }));
    case 'AddToWatchlist':
      return dated(command, (at) => accept(...wished(context, state, at)));
    case 'RemoveFromWatchlist':
      return accept(
        ...when(state.wish !== undefined, { type: 'WatchlistRemoved', data: about(context) }),
      );
    case 'SetWatchState':
      return setWatchState(command, state);
    case 'LearnTitleFacts':
      return accept(...learnt(context, state));
    case 'MoveViewing':
      return moveViewing(command, state);
    case 'AdoptViewing':
      return adoptViewing(command, state);
    default:
      return command satisfies never;
  }
};

/** Nothing, unless something lacks what is known now. */
const learnt = (context: ViewingContext, state: ViewingState): readonly ViewingEvent[] => {
  const { title: snapshot } = context;
  return snapshot && factsKnown(state.lacks, snapshot).length > 0
    ? [{ type: 'TitleFactsLearnt', data: { ...about(context), snapshot } }]
    : [];
};

const amendWatch = (
  command: Command<'AmendWatch'>,
  state: ViewingState,
): Decision<ViewingEvent> => {
  const { data, context } = command;
  const play = presentPlay(state, data.playId);
  if (!play) return reject(unknownWatch);
  const { watched, timezone, note, duplicateOf } = data;
  if ([watched, timezone, note, duplicateOf].every((change) => change === undefined)) {
    return reject({
      kind: 'invalid',
      code: 'nothing-to-amend',
      field: '',
      message: 'must give at least one of "watched", "timezone", "note" and "duplicateOf"',
    });
  }
  const zone = data.timezone ?? play.watched.zone;
  const resolved =
    data.watched === undefined
      ? { when: inZone(play.watched, zone, context.dayEndsAt) }
      : resolveWatched(data.watched, zone, context);
  if ('rejected' in resolved) return reject(resolved.rejected);
  const moved = JSON.stringify(resolved.when) !== JSON.stringify(play.watched);
  const written = typeof note === 'string' ? withLineFeeds(note) : note;
  const noted = written !== undefined && written !== (play.note ?? null);
  const parted = duplicateOf === null && !isOwn(play);
  const isElsewhere = data.watched !== undefined && moved && data.force !== true;
  const same = isElsewhere
    ? sameWatch(state, resolved.when, ({ id }) => id !== play.id)
    : undefined;
  if (same) return reject(sameTwice(same));
  return accept<ViewingEvent>(
    ...when(moved || noted, {
      type: 'WatchAmended',
      data: {
        ...about(context),
        playId: play.id,
        ...(moved ? { watched: resolved.when } : {}),
        ...(noted ? { note: written } : {}),
      },
    }),
    ...when(parted, {
      type: 'WatchUnlinked',
      data: { ...about(context), playId: play.id, parted: true },
    }),
  );
};

const restoreWatch = (
  { data: { playId, force }, context }: Command<'RestoreWatch'>,
  state: ViewingState,
): Decision<ViewingEvent> => {
  const play = state.plays.get(playId);
  if (!play) return reject(unknownWatch);
  if (play.removedAt === undefined) return accept();
  const days = dayNumber(context.now.slice(0, 10)) - dayNumber(play.removedAt.slice(0, 10));
  // To the instant on the last day.
  const late =
    days > RESTORE_DAYS ||
    (days === RESTORE_DAYS && context.now.slice(10) > play.removedAt.slice(10));
  if (late) {
    return reject({
      kind: 'gone',
      code: 'restore-too-late',
      message: `A removed watch can be restored for ${RESTORE_DAYS} days.`,
    });
  }
  // Two reports of one viewing are linked; two watches of the person would both count.
  const same = isOwn(play) && force !== true ? sameWatch(state, play.watched, isOwn) : undefined;
  return same
    ? reject(sameTwice(same))
    : accept({ type: 'WatchRestored', data: { ...about(context), playId } });
};

/** Decides with the moment that a command gives, if it gives one. */
const dated = (
  { data, context }: { readonly data: { readonly at?: string }; readonly context: ViewingContext },
  decided: (at: Instant | undefined) => Decision<ViewingEvent>,
): Decision<ViewingEvent> => {
  if (data.at === undefined) return decided(undefined);
  const moment = resolveMoment(data.at, context.now, 'at');
  return 'rejected' in moment ? reject(moment.rejected) : decided(moment.instant);
};

/** Whether what was said before gets another time: only where one is given. */
const isOther = (at: Instant | undefined, before: Instant | undefined): boolean =>
  at !== undefined && at !== before;

const told = (at: Instant | undefined) => (at === undefined ? {} : { at });

/** One current value; a review's text stays unless it is given, and `null` clears it (SEMANTICS D9). */
const rateMovie = (
  { data, context }: Command<'RateMovie'>,
  at: Instant | undefined,
  state: ViewingState,
): Decision<ViewingEvent> => {
  const rating = oneDecimal(data.rating);
  const rated = when(rating !== state.rating || isOther(at, state.ratedAt), {
    type: 'TitleRated',
    data: { ...about(context), rating, name: nameOf(context), ...told(at) },
  });
  const { review, spoiler } = data;
  if (review === null) {
    const removed = when(state.review !== undefined, {
      type: 'ReviewRemoved',
      data: about(context),
    });
    return accept(...rated, ...removed);
  }
  if (review !== undefined) {
    return accept(...rated, ...written({ review, spoiler, at }, context, state));
  }
  // A spoiler mark alone is about the review that there is, if there is one.
  const there = spoiler === undefined ? undefined : (state.review?.text ?? undefined);
  return there === undefined
    ? accept(...rated)
    : accept(...rated, ...written({ review: there, spoiler }, context, state));
};

const written = (
  {
    review: text,
    spoiler,
    at,
  }: {
    readonly review: string;
    readonly spoiler?: boolean | undefined;
    readonly at?: Instant | undefined;
  },
  context: ViewingContext,
  state: ViewingState,
): readonly ViewingEvent[] => {
  const { review: before } = state;
  const review = withLineFeeds(text);
  const isSpoiler = spoiler ?? before?.spoiler ?? false;
  const isSame = before?.text === review;
  return when(!isSame || before.spoiler !== isSpoiler || isOther(at, before.at), {
    type: 'ReviewWritten',
    data: {
      ...about(context),
      review,
      spoiler: isSpoiler,
      name: nameOf(context),
      // Whether it tells too much is no other review.
      ...told(at ?? (isSame ? before.at : undefined)),
    },
  });
};

/** A fulfilled wish can be made again: the person wants to see the film once more (SEMANTICS D8). */
const wished = (
  context: ViewingContext,
  state: ViewingState,
  at?: Instant,
): readonly ViewingEvent[] =>
  when(!standing(state).isWanted || isOther(at, state.wishedAt), {
    type: 'WatchlistAdded',
    data: { ...about(context), name: nameOf(context), ...told(at) },
  });

/** What a person says of a film now replaces what they said before: dropped and on hold end with it. */
const setWatchState = (
  command: Command<'SetWatchState'>,
  state: ViewingState,
): Decision<ViewingEvent> => {
  const { data, context } = command;
  const { watchState } = standing(state);
  const isMarked = watchState.state === 'dropped' || watchState.state === 'on_hold';
  const marked = (to: 'dropped' | 'on_hold' | 'resumed') =>
    when(to === 'resumed' ? isMarked : watchState.state !== to, {
      type: 'WatchStateSet',
      data: { ...about(context), state: to, name: nameOf(context) },
    });
  switch (data.state) {
    case 'want_to_watch':
      return accept(...wished(context, state), ...marked('resumed'));
    case 'watched':
      if ([...state.plays.values()].some((play) => play.removedAt === undefined)) {
        return accept(...marked('resumed'));
      }
      return data.recordPlay === true
        ? accept(watchedSometime(context, state))
        : reject({
            kind: 'conflict',
            code: 'watched-needs-play',
            message:
              'A film counts as watched by a recorded watch. Say "recordPlay": true to record one with an unknown date.',
          });
    case 'dropped':
    case 'on_hold':
    case 'resumed':
      return accept(...marked(data.state));
    default:
      return data.state satisfies never;
  }
};

const unknownWatch: Rejection = {
  kind: 'not-found',
  code: 'watch-not-found',
  message: 'There is no such watch.',
};

const presentPlay = (state: ViewingState, playId: string): Play | undefined => {
  const play = state.plays.get(playId);
  return play?.removedAt === undefined ? play : undefined;
};

const when = (condition: boolean, event: ViewingEvent): readonly ViewingEvent[] =>
  condition ? [event] : [];

export const viewingDecider: Decider<ViewingState, ViewingCommand, ViewingEvent> = {
  initialState: initialViewing,
  decide,
  evolve,
};
