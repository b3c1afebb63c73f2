import { accept, reject, type Decision } from '../../decider.js';
import type { Rejection } from '../../rejection.js';
import { dayNumber } from '../../time/calendar.js';
import type { ViewingCommand } from '../commands.js';
import { isOwn } from './doubles.js';
import type { ViewingEvent } from '../events.js';
import { withLineFeeds } from '../lineBreaks.js';
import { about, sameTwice, sameWatch, when } from './recordWatch.js';
import type { Play, ViewingState } from '../state.js';
import { inZone, resolveWatched } from './watchedValue.js';

/** For how long a removed play can be restored (SEMANTICS D3.1). */
const RESTORE_DAYS = 30;

type Command<Name extends ViewingCommand['type']> = Extract<ViewingCommand, { type: Name }>;

/** Corrects when a watch was or its note, or parts it from another (SEMANTICS D3.3). */
export const amendWatch = (
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
        playId: play.id,
        ...(moved ? { watched: resolved.when } : {}),
        ...(noted ? { note: written } : {}),
        ...about(context),
      },
    }),
    ...when(parted, {
      type: 'WatchUnlinked',
      data: { playId: play.id, parted: true, ...about(context) },
    }),
  );
};

/** Undoes a watch; it can be restored. */
export const removeWatch = (
  { data: { playId }, context }: Command<'RemoveWatch'>,
  state: ViewingState,
): Decision<ViewingEvent> =>
  presentPlay(state, playId)
    ? accept({ type: 'WatchRemoved', data: { playId, removedAt: context.now, ...about(context) } })
    : reject(unknownWatch);

/** Brings a removed watch back (SEMANTICS D3.1). */
export const restoreWatch = (
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
    : accept({ type: 'WatchRestored', data: { playId, ...about(context) } });
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
