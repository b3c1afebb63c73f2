import { accept, reject, type Decision } from '../decider.js';
import type { PastViewing, ViewingCommand, ViewingContext } from './commands.js';
import type { ViewingEvent } from './events.js';
import { about } from './plays/recordWatch.js';
import type { ViewingState } from './state.js';

type Command<Name extends ViewingCommand['type']> = Extract<ViewingCommand, { type: Name }>;

/** Two ids turn out to be one title: under this one there is nothing any more. */
export const moveViewing = (
  { data: { into, moveId }, context }: Command<'MoveViewing'>,
  state: ViewingState,
): Decision<ViewingEvent> =>
  accept<ViewingEvent>(
    ...(state.movedTo === undefined
      ? [{ type: 'ViewingMoved' as const, data: { movedTo: into, moveId, ...about(context) } }]
      : []),
  );

/**
 * Under this id of the title everything that was moved here is recorded again: plays with their ids and what became
 * of them, and where the person had said nothing of this title, their rating, review, favourite and wish.
 */
export const adoptViewing = (
  { data: { from, moveId, past }, context }: Command<'AdoptViewing'>,
  state: ViewingState,
): Decision<ViewingEvent> => {
  if (state.adopted.has(moveId)) return accept();
  if (state.movedTo !== undefined && state.movedTo !== from) {
    return reject({
      kind: 'conflict',
      code: 'viewing-moved',
      message: 'What was recorded under this id of the title has been moved to another.',
    });
  }
  return accept<ViewingEvent>(
    { type: 'ViewingAdopted', data: { movedFrom: from, moveId, ...about(context) } },
    ...past.flatMap((one) => recordedAgain(one, context, state)),
  );
};

/** An event under the other id; nothing where the person had something of the kind under this one. */
const recordedAgain = (
  { event, recordedAt }: PastViewing,
  { titleId }: ViewingContext,
  state: ViewingState,
): readonly ViewingEvent[] => {
  switch (event.type) {
    case 'ViewingMoved':
    case 'ViewingAdopted':
      return [];
    case 'MovieWatched': {
      const { firstRecordedAt = recordedAt } = event.data;
      return state.plays.has(event.data.playId)
        ? []
        : [{ type: event.type, data: { firstRecordedAt, ...event.data, titleId } }];
    }
    case 'TitleRated':
    case 'ReviewWritten':
    case 'FavoriteAdded':
    case 'WatchlistAdded':
      return isSaidAlready(event, state)
        ? []
        : [
            {
              type: event.type,
              data: { at: recordedAt, ...event.data, titleId },
            } as ViewingEvent,
          ];
    default:
      return isSaidAlready(event, state)
        ? []
        : [{ type: event.type, data: { ...event.data, titleId } } as ViewingEvent];
  }
};

const isSaidAlready = (event: ViewingEvent, state: ViewingState): boolean => {
  switch (event.type) {
    case 'TitleRated':
    case 'RatingRemoved':
      return state.rating !== undefined;
    case 'ReviewWritten':
    case 'ReviewRemoved':
      return state.review !== undefined;
    case 'FavoriteAdded':
    case 'FavoriteRemoved':
      return state.favorite;
    case 'WatchlistAdded':
    case 'WatchlistRemoved':
      return state.wish !== undefined;
    case 'WatchStateSet':
      return state.mark !== undefined;
    default:
      return 'playId' in event.data && state.plays.has(event.data.playId);
  }
};
