import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import { everythingShown } from '../log/eventFilter.js';
import {
  beforeLog,
  comparePositions,
  positionOf,
  startOfLog,
  type LogPosition,
} from '../log/readAll.js';
import type { NodeContext } from '../node.js';
import { createLiveEvents } from './liveEvents.js';
import { eventAnswer } from './eventAnswer.js';
import * as answers from './readAnswers.js';
import { pageSize, type AllRequest } from './readRequest.js';
import { resolved } from './reads.js';
import type { Replies } from './replies.js';
import { handlerFailed, invalidPosition } from './rpcErrors.js';
import { whenAccessIsLost } from './subscriptionAccess.js';

const later = (a: LogPosition, b: LogPosition): LogPosition => (comparePositions(a, b) < 0 ? b : a);

/**
 * Follows `$all`: reads what is there page by page, says that it has caught up, goes on with what
 * comes, and reads again when more came than it keeps. With a filter it says where it is as well:
 * after so many events looked at, and whenever it catches up or falls behind.
 * `Enumerator.AllSubscription`, `Enumerator.AllSubscriptionFiltered`; that a subscription fell
 * behind is kept from clients: `ResponseConverter.TryConvertReadResponse`.
 */
export const subscribeToAll = async (
  node: NodeContext,
  request: AllRequest,
  replies: Replies,
  demandAccess: () => void,
  demandLeader: () => void,
): Promise<void> => {
  const { log } = node;
  const { filter, resolveLinks, uuidForm } = request;
  const allows = filter?.allows ?? everythingShown;
  const window = filter?.window ?? pageSize;
  const interval = filter && filter.checkpointMultiplier * window;
  if (interval === 0) throw handlerFailed();

  const live = createLiveEvents();
  let sinceCheckpoint = 0;
  const unsubscribe = log.onCommitted((record) => {
    if (allows(record)) live.push({ kind: 'event', record });
    if (interval !== undefined && ++sinceCheckpoint >= interval) {
      live.push({ kind: 'checkpoint', position: positionOf(record) });
      sinceCheckpoint = 0;
    }
    whenAccessIsLost(record, request.stream, demandAccess, live);
  });

  let lastCheckpoint = beforeLog;
  const sendCheckpoint = async (position: LogPosition): Promise<void> => {
    if (comparePositions(position, lastCheckpoint) <= 0) return;
    lastCheckpoint = position;
    await replies.send(answers.checkpoint(position));
  };

  const catchUp = async (after: LogPosition): Promise<LogPosition> => {
    let checkpoint = after;
    let considered = 0;
    let from = comparePositions(after, beforeLog) <= 0 ? startOfLog : after;
    demandLeader();
    if (!log.isRecordBoundary(from)) throw invalidPosition();
    for (;;) {
      const page = log.readAllForwards(from, { count: pageSize, window }, allows);
      for (const record of page.events) {
        const position = positionOf(record);
        if (comparePositions(position, checkpoint) <= 0) continue;
        const event = resolved(node, record, resolveLinks);
        const full = replies.send(eventAnswer(event, uuidForm));
        if (full !== undefined) await full;
        checkpoint = position;
      }
      considered += page.considered;
      if (page.isEnd) {
        if (interval !== undefined) {
          checkpoint = later(checkpoint, page.current);
          await sendCheckpoint(checkpoint);
        }
        return checkpoint;
      }
      if (interval !== undefined && considered >= interval) {
        considered %= interval;
        checkpoint = later(checkpoint, page.current);
        await sendCheckpoint(checkpoint);
      }
      // A long stretch without an answer must not keep others waiting.
      if (page.events.length === 0) await setImmediate(undefined, { signal: replies.signal });
      from = page.next;
    }
  };

  let number = 0;
  const goLive = async (after: LogPosition): Promise<LogPosition> => {
    let checkpoint = after;
    await replies.send(answers.caughtUp());
    for (;;) {
      const item = await live.take(replies.signal);
      const isNext = item.number === number + 1;
      number = item.number;
      const position = item.kind === 'event' ? positionOf(item.record) : item.position;
      const order = comparePositions(position, checkpoint);
      if (order < 0 || (order === 0 && item.kind === 'event')) continue;
      if (!isNext) {
        if (interval !== undefined) await sendCheckpoint(checkpoint);
        return checkpoint;
      }
      checkpoint = position;
      if (item.kind === 'checkpoint') await sendCheckpoint(position);
      else {
        const event = resolved(node, item.record, resolveLinks);
        await replies.send(eventAnswer(event, uuidForm));
      }
    }
  };

  try {
    const last = log.lastPosition();
    const lastLive = { commit: last, prepare: last };
    await replies.send(answers.confirmation(randomUUID()));
    let checkpoint =
      request.from === 'start' ? beforeLog : request.from === 'end' ? lastLive : request.from;
    if (comparePositions(checkpoint, lastLive) >= 0) checkpoint = await goLive(checkpoint);
    for (;;) checkpoint = await goLive(await catchUp(checkpoint));
  } finally {
    unsubscribe();
  }
};
