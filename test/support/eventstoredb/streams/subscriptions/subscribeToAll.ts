import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import type streams from '@eventstore/db-client/generated/streams_pb.js';

import { everythingShown } from '../../log/eventFilter.js';
import type { EventRecord } from '../../log/eventRecord.js';
import {
  beforeLog,
  comparePositions,
  positionOf,
  startOfLog,
  type AllPage,
  type LogPosition,
} from '../../log/readAll.js';
import type { NodeContext } from '../../node/node.js';
import { eventAnswer } from '../reads/eventAnswer.js';
import { goLive } from './goLive.js';
import { createOutgoing } from '../outgoing.js';
import * as answers from '../reads/readAnswers.js';
import { pageSize, type AllRequest } from '../reads/readRequest.js';
import { resolved } from '../reads/reads.js';
import type { Replies } from '../replies.js';
import { handlerFailed } from '../rpcErrors.js';
import { whenAccessIsLost } from './subscriptionAccess.js';

/**
 * Follows `$all`: reads what is there page by page, says that it has caught up, and goes on with
 * what comes. With a filter it says where it is as well, after so many events looked at.
 * `Enumerators.AllSubscription`, `Enumerators.AllSubscriptionFiltered`.
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
  const interval = filter ? filter.checkpointMultiplier * window : Infinity;
  if (interval === 0) throw handlerFailed();

  const outgoing = createOutgoing(replies);
  let last = beforeLog;
  let considered = 0;

  /** An event, unless it was sent already. */
  const answersOf = (record: EventRecord): readonly streams.ReadResp[] => {
    const position = positionOf(record);
    if (comparePositions(position, last) <= 0) return [];
    last = position;
    return [eventAnswer(resolved(node, record, resolveLinks), uuidForm)];
  };

  const readPage = (from: LogPosition): AllPage => {
    demandLeader();
    if (!log.isRecordBoundary(from)) throw handlerFailed();
    return log.readAllForwards(from, { count: pageSize, window }, allows);
  };

  /** The server reads the event there, whatever it is, and begins behind it. */
  const behind = (position: LogPosition): LogPosition => {
    const isNone = position.prepare > position.commit || !log.isRecordBoundary(position);
    if (isNone) throw handlerFailed();
    return log.readAllForwards(position, { count: 1, window: 1 }, () => true).next;
  };

  const catchUp = async (start: LogPosition): Promise<LogPosition> => {
    const pace = node.pacing.pages();
    let from = start;
    for (;;) {
      const page = readPage(from);
      if (from === start) await outgoing.put(answers.confirmation(randomUUID()));
      let reached = page.current;
      for (const record of page.events) {
        reached = positionOf(record);
        for (const answer of answersOf(record)) {
          const full = outgoing.put(answer);
          if (full !== undefined) await full;
        }
      }
      const waiting = pace(page);
      if (waiting !== undefined) await waiting;
      from = page.next;
      considered += page.considered;
      if (page.isEnd) return from;
      if (considered >= interval) {
        considered %= interval;
        await outgoing.put(answers.checkpoint(reached));
      }
      // A long stretch without an answer must not keep others waiting.
      if (page.events.length === 0) await setImmediate(undefined, { signal: replies.signal });
    }
  };

  function* missedSince(start: LogPosition): Generator<streams.ReadResp> {
    let page = readPage(start);
    while (page.events.length > 0 || !page.isEnd) {
      for (const record of page.events) yield* answersOf(record);
      page = readPage(page.next);
    }
  }

  function* appeared(record: EventRecord): Generator<streams.ReadResp> {
    if (allows(record)) yield* answersOf(record);
    if (++considered < interval) return;
    considered = 0;
    yield answers.checkpoint(positionOf(record));
  }

  const listeners = [
    log.onCommitted((record) => {
      whenAccessIsLost(record, request.stream, demandAccess, outgoing.fail);
    }),
  ];
  try {
    if (request.from === 'end') {
      await outgoing.put(answers.confirmation(randomUUID()));
      listeners.push(goLive(log, outgoing, { missed: () => [], appeared }));
    } else {
      const from = await catchUp(request.from === 'start' ? startOfLog : behind(request.from));
      listeners.push(goLive(log, outgoing, { missed: () => missedSince(from), appeared }));
    }
  } catch (error) {
    outgoing.fail(error);
  }
  try {
    await outgoing.over;
  } finally {
    for (const stop of listeners) stop();
  }
};
