import { accept, reject, type Decider, type Decision } from '../decider.js';
import type { Instant } from '../schemas.js';
import { amendWatch, removeWatch, restoreWatch } from './plays/changeWatch.js';
import type { ViewingCommand, ViewingContext } from './commands.js';
import type { ViewingEvent } from './events.js';
import { duplicatesOf } from './plays/doubles.js';
import { withLineFeeds } from './lineBreaks.js';
import { oneDecimal } from './rating.js';
import { adoptViewing, moveViewing } from './moving.js';
import { about, nameOf, recordWatch, watchedSometime, when } from './plays/recordWatch.js';
import { evolve, initialViewing, standing, type Play, type ViewingState } from './state.js';
import { factsKnown } from './titleFacts.js';
import { PLAY_EVENTS } from './plays/titlePlays.js';
import { resolveMoment } from './plays/watchedValue.js';

type Command<Name extends ViewingCommand['type']> = Extract<ViewingCommand, { type: Name }>;

/** Decides on what was reported, then judges again which plays report the same viewing. */
const decide = (command: ViewingCommand, state: ViewingState): Decision<ViewingEvent> => {
  const decided = decideReported(command, state);
  if ('rejected' in decided || !decided.accepted.some(isPlayEvent)) return decided;
  const links = linksPutRight(command.context, decided.accepted.reduce(evolve, state));
  // A play that counts until now is linked first, so that no viewing counts twice even between two events.
  const early = links.filter(
    ({ type, data: { playId } }) =>
      type === 'WatchLinkedAsDuplicate' && isCounted(state.plays.get(playId)),
  );
  const late = links.filter((link) => !early.includes(link));
  const events =
    command.type === 'AdoptViewing'
      ? [...early, ...decided.accepted, ...late]
      : [
          ...early,
          ...decided.accepted.filter(isPlayEvent),
          ...late,
          ...decided.accepted.filter((event) => !isPlayEvent(event)),
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
    const data = { playId, ...about(context) };
    if (duplicateOf === undefined) ended.push({ type: 'WatchUnlinked', data });
    else made.push({ type: 'WatchLinkedAsDuplicate', data: { duplicateOf, ...data } });
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
    { type: 'WatchlistRemoved', data: { playId: context.playId, ...about(context) } },
  );

const decideReported = (command: ViewingCommand, state: ViewingState): Decision<ViewingEvent> => {
  const { context } = command;
  switch (command.type) {
    case 'RecordWatchEvent':
      return recordWatch(command, state);
    case 'AmendWatch':
      return amendWatch(command, state);
    case 'RemoveWatch':
      return removeWatch(command, state);
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
            data: { name: nameOf(context), ...given(at), ...about(context) },
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
    ? [{ type: 'TitleFactsLearnt', data: { snapshot, ...about(context) } }]
    : [];
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

const given = (at: Instant | undefined) => (at === undefined ? {} : { at });

/** One current value; a review's text stays unless it is given, and `null` clears it (SEMANTICS D9). */
const rateMovie = (
  { data, context }: Command<'RateMovie'>,
  at: Instant | undefined,
  state: ViewingState,
): Decision<ViewingEvent> => {
  const rating = oneDecimal(data.rating);
  const rated = when(rating !== state.rating || isOther(at, state.ratedAt), {
    type: 'TitleRated',
    data: { rating, name: nameOf(context), ...given(at), ...about(context) },
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
      review,
      spoiler: isSpoiler,
      name: nameOf(context),
      // Whether it tells too much is no other review.
      ...given(at ?? (isSame ? before.at : undefined)),
      ...about(context),
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
    data: { name: nameOf(context), ...given(at), ...about(context) },
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
      data: { state: to, name: nameOf(context), ...about(context) },
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

export const viewingDecider: Decider<ViewingState, ViewingCommand, ViewingEvent> = {
  initialState: initialViewing,
  decide,
  evolve,
};
