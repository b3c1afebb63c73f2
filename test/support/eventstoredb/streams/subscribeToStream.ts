import { randomUUID } from 'node:crypto';

import { deletedStream, type EventRecord } from '../log/eventRecord.js';
import type { NodeContext } from '../node.js';
import { createLiveEvents } from './liveEvents.js';
import { eventAnswer } from './eventAnswer.js';
import * as answers from './readAnswers.js';
import { pageSize, type StreamRequest } from './readRequest.js';
import { resolved } from './reads.js';
import type { Replies } from './replies.js';
import { streamDeleted, unknownError } from './rpcErrors.js';
import { whenAccessIsLost } from './subscriptionAccess.js';

/**
 * Follows a stream, which need not be there yet, until a tombstone ends it:
 * `Enumerator.StreamSubscription`.
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
  const last = log.lastEventNumber(stream);
  if (last === deletedStream) throw streamDeleted(stream);

  const live = createLiveEvents();
  const unsubscribe = log.onCommitted((record) => {
    if (record.stream === stream) live.push({ kind: 'event', record });
    whenAccessIsLost(record, stream, demandAccess, live);
  });

  const send = async (record: EventRecord): Promise<void> => {
    const event = resolved(node, record, resolveLinks);
    const full = replies.send(eventAnswer(event, uuidForm));
    if (full !== undefined) await full;
    if (record.revision === deletedStream) throw streamDeleted(stream);
  };

  const catchUp = async (after: number): Promise<number> => {
    let checkpoint = after;
    let from = after + 1;
    demandLeader();
    for (;;) {
      const page = log.readStreamForwards(stream, from, pageSize);
      switch (page.kind) {
        case 'noStream':
          return checkpoint;
        case 'deleted':
          throw streamDeleted(stream);
        case 'invalid':
          throw unknownError('Unexpected ReadStreamResult: Error');
        case 'events':
      }
      for (const record of page.events) {
        await send(record);
        checkpoint = record.revision;
      }
      if (page.isEnd) return checkpoint;
      from = page.next;
    }
  };

  let number = 0;
  const goLive = async (after: number): Promise<number> => {
    let checkpoint = after;
    await replies.send(answers.caughtUp());
    for (;;) {
      const item = await live.take(replies.signal);
      const isNext = item.number === number + 1;
      number = item.number;
      if (item.kind !== 'event' || item.record.revision <= checkpoint) continue;
      if (!isNext) return checkpoint;
      await send(item.record);
      checkpoint = item.record.revision;
    }
  };

  try {
    await replies.send(answers.confirmation(randomUUID()));
    let checkpoint = request.from === 'start' ? -1 : request.from === 'end' ? last : request.from;
    if (checkpoint >= last) checkpoint = await goLive(checkpoint);
    for (;;) checkpoint = await goLive(await catchUp(checkpoint));
  } finally {
    unsubscribe();
  }
};
