import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import type streams from '@eventstore/db-client/generated/streams_pb.js';

import { deletedStream, type EventRecord } from '../../log/eventRecord.js';
import type { EventPage } from '../../log/readStream.js';
import type { NodeContext } from '../../node/node.js';
import { eventAnswer } from '../reads/eventAnswer.js';
import { goLive } from './goLive.js';
import { createOutgoing } from '../outgoing.js';
import * as answers from '../reads/readAnswers.js';
import { pageSize, type StreamRequest } from '../reads/readRequest.js';
import { resolved } from '../reads/reads.js';
import type { Replies } from '../replies.js';
import { streamDeleted, unknownError } from '../rpcErrors.js';
import { whenAccessIsLost } from './subscriptionAccess.js';

/** How long the server waits before it looks again for a stream that is not there. */
const noStreamMilliseconds = 50;

/**
 * Follows a stream, which need not be there yet, until a tombstone ends it:
 * `Enumerators.StreamSubscription`.
 */
export const subscribeToStream = async (
  node: NodeContext,
  request: StreamRequest,
  replies: Replies,
  demandAccess: () => void,
  demandLeader: () => void,
): Promise<void> => {
  const { log } = node;
  const { stream, resolveLinks, uuidForm } = request;
  const outgoing = createOutgoing(replies);
  let last = typeof request.from === 'number' ? request.from : -1;

  /** An event, unless it was sent already. */
  const answersOf = (record: EventRecord): readonly streams.ReadResp[] => {
    if (record.revision <= last) return [];
    last = record.revision;
    return [eventAnswer(resolved(node, record, resolveLinks), uuidForm)];
  };

  const readPage = (from: number): EventPage | undefined => {
    demandLeader();
    const page = log.readStreamForwards(stream, from, pageSize);
    switch (page.kind) {
      case 'noStream':
        return undefined;
      case 'deleted':
        throw streamDeleted(stream);
      case 'invalid':
        throw unknownError('Unexpected ReadStreamResult: Error');
      case 'events':
        return page;
    }
  };

  const catchUp = async (start: number): Promise<number> => {
    const pace = node.pacing.pages();
    let from = start;
    let isConfirmed = false;
    for (;;) {
      const page = readPage(from);
      if (!isConfirmed) await outgoing.put(answers.confirmation(randomUUID()));
      isConfirmed = true;
      if (page === undefined) {
        await setTimeout(noStreamMilliseconds, undefined, { signal: replies.signal });
        continue;
      }
      for (const record of page.events) {
        for (const answer of answersOf(record)) {
          const full = outgoing.put(answer);
          if (full !== undefined) await full;
        }
      }
      const waiting = pace(page);
      if (waiting !== undefined) await waiting;
      from = page.next;
      if (page.isEnd) return from;
    }
  };

  function* missedSince(start: number): Generator<streams.ReadResp> {
    for (let page = readPage(start); page && page.events.length > 0; page = readPage(page.next)) {
      for (const record of page.events) yield* answersOf(record);
    }
  }

  function* appeared(record: EventRecord): Generator<streams.ReadResp> {
    if (record.stream === stream) yield* answersOf(record);
  }

  const listeners = [
    log.onCommitted((record) => {
      whenAccessIsLost(record, stream, demandAccess, outgoing.fail);
    }),
  ];
  try {
    if (request.from === 'end') {
      await outgoing.put(answers.confirmation(randomUUID()));
      listeners.push(goLive(log, outgoing, { missed: () => [], appeared }));
    } else {
      const from = await catchUp(last + 1);
      listeners.push(goLive(log, outgoing, { missed: () => missedSince(from), appeared }));
    }
    // After the event itself, which goes out before.
    listeners.push(
      log.onCommitted((record) => {
        const isTombstone = record.stream === stream && record.revision === deletedStream;
        if (isTombstone) outgoing.fail(streamDeleted(stream));
      }),
    );
  } catch (error) {
    outgoing.fail(error);
  }
  try {
    await outgoing.over;
  } finally {
    for (const stop of listeners) stop();
  }
};
