import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type statuses from '@eventstore/db-client/generated/status_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';

import type { Caller } from '../../node/access.js';
import type { NodeContext } from '../../node/node.js';
import { batchAnswer, resultOf } from './batchAnswer.js';
import * as status from './batchStatus.js';
import { callerOf, requestsOf } from '../calls.js';
import { expectedVersionOf, streamNameOf } from './expectedRevision.js';
import { addBatch, createPendingAppends, type PendingAppend } from './pendingAppends.js';
import { handlerFailed, ServerException } from '../rpcErrors.js';
import { uuidOf } from '../uuid.js';
import { writeOn } from './writes.js';

type BatchAppendCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;
type Identifier = shared.StreamIdentifier | undefined;
type Result = Parameters<typeof batchAnswer>[2];

const method = 'BatchAppend';

/** The longest that a client may wait for a write: the server's `WriteTimeoutMs` by default. */
const writeTimeoutMilliseconds = 2_000;

const millisecondsLeft = (options: streams.BatchAppendReq.Options): number => {
  const deadline = options.getDeadline()?.toDate().getTime() ?? Infinity;
  return Math.min(deadline - Date.now(), writeTimeoutMilliseconds);
};

/**
 * `Streams.BatchAppend`: any number of appends over one call, each in one batch or several that
 * carry its correlation id, and each answered by itself. What is wrong with one append is said in
 * its answer; only a node that is not the leader ends the call.
 */
export const batchAppend = async (node: NodeContext, call: BatchAppendCall): Promise<void> => {
  const pending = createPendingAppends();
  const underWay = new Set<Promise<void>>();
  let fail = (_error: unknown): void => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });

  /** Lets something go on beside the requests that follow, as the server's writes do. */
  const release = (work: Promise<void>): void => {
    const done = work.catch(fail).finally(() => underWay.delete(done));
    underWay.add(done);
  };

  const send = async (
    correlationId: shared.UUID | undefined,
    identifier: Identifier,
    result: Result,
  ): Promise<void> => {
    const reached = node.faults.reached('answer', { method, stream: streamNameOf(identifier) });
    if (reached !== undefined) await reached;
    if (call.cancelled || call.writableEnded) return;
    call.write(batchAnswer(correlationId, identifier, result));
  };

  /** Begins an append, unless something is wrong with it at once. */
  const begin = (
    id: string,
    request: streams.BatchAppendReq,
    options: streams.BatchAppendReq.Options,
    caller: Caller,
  ): statuses.Status | undefined => {
    const correlationId = request.getCorrelationId();
    const identifier = options.getStreamIdentifier();
    const stream = streamNameOf(identifier);
    const left = millisecondsLeft(options);
    if (!node.access.allows(caller, 'write', stream)) return status.accessDenied();
    if (identifier === undefined) {
      return status.badRequest('Required field StreamIdentifier not set.');
    }
    if (left <= 0) return status.timeout();
    if (pending.find(id) !== undefined) return undefined;
    const revision = options.hasStreamPosition() ? options.getStreamPosition() : undefined;
    const expectedVersion = expectedVersionOf(options, revision);
    pending.begin(id, { stream, identifier, expectedVersion }, left, () => {
      release(send(correlationId, identifier, status.timeout()));
    });
    return undefined;
  };

  const finish = async (
    correlationId: shared.UUID | undefined,
    append: PendingAppend,
  ): Promise<void> => {
    const { stream, identifier, expectedVersion, events } = append;
    const outcome = await writeOn(node, call.metadata, { method, stream }, () =>
      node.log.append(stream, expectedVersion, events),
    );
    await send(correlationId, identifier, resultOf(outcome, append));
  };

  /** What is to be said of a batch at once; nothing where its append goes on, or is written. */
  const take = (
    request: streams.BatchAppendReq,
    caller: Caller,
  ): { readonly identifier: Identifier; readonly result: Result } | undefined => {
    const options = request.getOptions();
    const id = uuidOf(request.getCorrelationId());
    const refused = options && begin(id, request, options, caller);
    if (refused !== undefined)
      return { identifier: options?.getStreamIdentifier(), result: refused };
    const append = pending.find(id);
    if (append === undefined) return undefined;
    addBatch(append, request.getProposedMessagesList());
    if (append.size > node.maxAppendBytes) {
      pending.take(id);
      const result = status.maximumAppendSizeExceeded(node.maxAppendBytes);
      return { identifier: append.identifier, result };
    }
    if (request.getIsFinal()) {
      pending.take(id);
      release(finish(request.getCorrelationId(), append));
    }
    return undefined;
  };

  const takeOrRefuse = (
    request: streams.BatchAppendReq,
    caller: Caller,
  ): ReturnType<typeof take> => {
    try {
      return take(request, caller);
    } catch (error) {
      const options = request.getOptions();
      if (!(error instanceof ServerException)) throw error;
      // The server takes the answer's stream from the options, and fails itself without them.
      if (options === undefined) throw handlerFailed();
      const result = status.badRequest(error.message);
      return { identifier: options.getStreamIdentifier(), result };
    }
  };

  const receiveAll = async (): Promise<void> => {
    const caller = callerOf(node, call.metadata);
    for await (const request of requestsOf<streams.BatchAppendReq>(call)) {
      const options = request.getOptions();
      const stream = streamNameOf(options?.getStreamIdentifier());
      const reached = options && node.faults.reached('request', { method, stream });
      if (reached !== undefined) await reached;
      const answer = takeOrRefuse(request, caller);
      if (answer === undefined) continue;
      await send(request.getCorrelationId(), answer.identifier, answer.result);
    }
    await Promise.all(underWay);
  };

  try {
    await Promise.race([receiveAll(), failed]);
  } finally {
    pending.clear();
  }
};
