import { setImmediate } from 'node:timers/promises';

import { everythingShown } from '../../log/eventFilter.js';
import type { EventRecord } from '../../log/eventRecord.js';
import type { ResolvedEvent } from '../../log/system/linkTo.js';
import type { AllPage, LogPosition } from '../../log/readAll.js';
import { fromEnd, type StreamPage } from '../../log/readStream.js';
import type { NodeContext } from '../../node/node.js';
import { eventAnswer } from './eventAnswer.js';
import * as answers from './readAnswers.js';
import { pageSize, placeInLog, type AllRequest, type StreamRequest } from './readRequest.js';
import type { Replies } from '../replies.js';
import { handlerFailed, streamDeleted, unknownError } from '../rpcErrors.js';

/** An event as the request wants it: with its link followed, or as it is. */
export const resolved = (
  { log }: NodeContext,
  record: EventRecord,
  resolveLinks: boolean,
): ResolvedEvent => (resolveLinks ? log.resolve(record) : { event: record });

/** `Enumerator.ReadStreamForwards`, `Enumerator.ReadStreamBackwards`. */
export const readStream = async (
  node: NodeContext,
  request: StreamRequest & { readonly count: number },
  replies: Replies,
): Promise<void> => {
  const { stream, direction, count, resolveLinks, uuidForm, compatibility } = request;
  const forwards = direction === 'forwards';
  const start = request.from === 'start' ? 0 : request.from === 'end' ? fromEnd : request.from;
  const read = (at: number, most: number): StreamPage =>
    forwards
      ? node.log.readStreamForwards(stream, at, most)
      : node.log.readStreamBackwards(stream, at, most);
  const pace = node.pacing.pages();
  let from = start;
  let sent = 0;
  for (;;) {
    const page = read(from, Math.min(pageSize, count));
    switch (page.kind) {
      case 'deleted':
        throw streamDeleted(stream);
      case 'invalid':
        throw unknownError('Unexpected ReadStreamResult: Error');
      case 'noStream':
        await replies.send(answers.streamNotFound(stream));
        return;
      case 'events':
    }
    const isEmptyStart = forwards && sent === 0 && page.events.length === 0;
    if (compatibility >= 1 && isEmptyStart && page.next !== start) {
      await replies.send(answers.firstStreamPosition(page.next));
    }
    for (const record of page.events.slice(0, count - sent)) {
      const full = replies.send(eventAnswer(resolved(node, record, resolveLinks), uuidForm));
      if (full !== undefined) await full;
      sent++;
    }
    const waiting = pace(page);
    if (waiting !== undefined) await waiting;
    if (page.isEnd || sent >= count) {
      if (compatibility >= 1) await replies.send(answers.lastStreamPosition(page.last));
      return;
    }
    from = page.next;
  }
};

/** Where nothing can be read from, the server fails in one way or another. */
const demandPlace = ({ log }: NodeContext, request: AllRequest, from: LogPosition): void => {
  if (from.prepare > from.commit) throw handlerFailed();
  const isBehindAll =
    request.direction === 'backwards' &&
    Number.isFinite(from.commit) &&
    from.commit > (log.records.at(-1)?.end ?? 0);
  if (!isBehindAll && log.isRecordBoundary(from)) return;
  throw unknownError(`Unexpected ${request.filter ? 'Filtered' : ''}ReadAllResult: Error`);
};

/** `Enumerator.ReadAllForwards`, `…Backwards`, and both `…Filtered`. */
export const readAll = async (
  node: NodeContext,
  request: AllRequest & { readonly count: number },
  replies: Replies,
): Promise<void> => {
  const { direction, count, resolveLinks, uuidForm, filter } = request;
  const read = (at: LogPosition): AllPage =>
    direction === 'forwards'
      ? node.log.readAllForwards(at, size, allows)
      : node.log.readAllBackwards(at, size, allows);
  const allows = filter?.allows ?? everythingShown;
  const size = { count: Math.min(pageSize, count), window: filter?.window ?? pageSize };
  let from = placeInLog(request.from);
  demandPlace(node, request, from);
  const pace = node.pacing.pages();
  let sent = 0;
  while (sent < count) {
    const page = read(from);
    for (const record of page.events.slice(0, count - sent)) {
      const full = replies.send(eventAnswer(resolved(node, record, resolveLinks), uuidForm));
      if (full !== undefined) await full;
      sent++;
    }
    const waiting = pace(page);
    if (waiting !== undefined) await waiting;
    if (page.isEnd) return;
    // A long stretch without an answer must not keep others waiting.
    if (page.events.length === 0) await setImmediate(undefined, { signal: replies.signal });
    from = page.next;
  }
};
