import shared from '@eventstore/db-client/generated/shared_pb.js';
import type statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';

import type { Caller } from '../access.js';
import type { WriteOutcome } from '../log/eventLog.js';
import type { ProposedEvent } from '../log/eventRecord.js';
import type { NodeContext } from '../node.js';
import * as status from './batchStatus.js';
import { callerOf, requestsOf } from './calls.js';
import { expectedVersionOf, streamNameOf } from './expectedRevision.js';
import { proposedEvent, missingProperties, sizeOnDisk } from './proposedEvents.js';
import { handlerFailed, ServerException } from './rpcErrors.js';
import { uuidOf } from './uuid.js';
import { writeOn } from './writes.js';

type BatchAppendCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

/** An append whose last batch has not come yet. */
interface PendingAppend {
  readonly stream: string;
  readonly identifier: shared.StreamIdentifier;
  readonly expectedVersion: number;
  readonly events: ProposedEvent[];
  readonly timer: NodeJS.Timeout;
  size: number;
}

/** The longest that a client may wait for a write; the server's `WriteTimeout` by default. */
const writeTimeoutMilliseconds = 2_000;

const milliseconds = (options: streams.BatchAppendReq.Options): number => {
  const deadline = options.getDeadline();
  if (deadline === undefined) return writeTimeoutMilliseconds;
  const left = deadline.toDate().getTime() - Date.now();
  return Math.min(left, writeTimeoutMilliseconds);
};

const successOf = ({
  revision,
  position,
}: WriteOutcome & { kind: 'written' }): streams.BatchAppendResp.Success => {
  const success = new streams.BatchAppendResp.Success();
  if (revision < 0) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) return success.setNoPosition(new empty.Empty());
  const both = new shared.AllStreamPosition();
  both.setCommitPosition(String(position));
  both.setPreparePosition(String(position));
  return success.setPosition(both);
};

/**
 * `Streams.BatchAppend`: any number of appends over one call, each in one batch or several that
 * carry its correlation id, and each answered by itself. What is wrong with one append is said in
 * its answer; only a node that is not the leader ends the call.
 */
export const batchAppend = async (node: NodeContext, call: BatchAppendCall): Promise<void> => {
  const pending = new Map<string, PendingAppend>();
  const method = 'BatchAppend';

  const send = async (
    correlationId: shared.UUID | undefined,
    stream: string,
    identifier: shared.StreamIdentifier | undefined,
    result: statuses.Status | streams.BatchAppendResp.Success,
  ): Promise<void> => {
    const answer = new streams.BatchAppendResp();
    answer.setCorrelationId(correlationId);
    answer.setStreamIdentifier(identifier);
    if (result instanceof streams.BatchAppendResp.Success) answer.setSuccess(result);
    else answer.setError(result);
    const reached = node.faults.reached('answer', { method, stream });
    if (reached !== undefined) await reached;
    if (!call.cancelled && !call.writableEnded) call.write(answer);
  };

  const begin = (
    request: streams.BatchAppendReq,
    options: streams.BatchAppendReq.Options,
    caller: Caller,
  ): statuses.Status | undefined => {
    const identifier = options.getStreamIdentifier();
    const stream = streamNameOf(identifier);
    const correlationId = uuidOf(request.getCorrelationId());
    const left = milliseconds(options);
    if (!node.access.allows(caller, 'write', stream)) return status.accessDenied();
    if (identifier === undefined) {
      return status.badRequest('Required field StreamIdentifier not set.');
    }
    if (left <= 0) return status.timeout();
    if (pending.has(correlationId)) return undefined;
    const revision = options.hasStreamPosition() ? options.getStreamPosition() : undefined;
    const expectedVersion = expectedVersionOf(options, revision);
    const timer = setTimeout(() => {
      if (!pending.delete(correlationId)) return;
      void send(request.getCorrelationId(), stream, identifier, status.timeout());
    }, left);
    pending.set(correlationId, { stream, identifier, expectedVersion, events: [], timer, size: 0 });
    return undefined;
  };

  const take = (correlationId: string): PendingAppend | undefined => {
    const append = pending.get(correlationId);
    clearTimeout(append?.timer);
    pending.delete(correlationId);
    return append;
  };

  const finish = async (
    correlationId: shared.UUID | undefined,
    { stream, identifier, expectedVersion, events }: PendingAppend,
  ): Promise<void> => {
    const outcome = await writeOn(node, call.metadata, { method, stream }, () =>
      node.log.append(stream, expectedVersion, events),
    );
    const result =
      outcome.kind === 'written'
        ? successOf(outcome)
        : outcome.kind === 'streamDeleted'
          ? status.streamDeleted(identifier)
          : status.wrongExpectedVersion(expectedVersion, outcome.current);
    await send(correlationId, stream, identifier, result);
  };

  const receive = async (request: streams.BatchAppendReq, caller: Caller): Promise<void> => {
    const correlationId = request.getCorrelationId();
    const options = request.getOptions();
    const identifier = options?.getStreamIdentifier();
    const stream = streamNameOf(identifier);
    if (options !== undefined) {
      const reached = node.faults.reached('request', { method, stream });
      if (reached !== undefined) await reached;
    }
    let complete: PendingAppend | undefined;
    try {
      const refused = options && begin(request, options, caller);
      if (refused !== undefined) {
        await send(correlationId, stream, identifier, refused);
        return;
      }
      const id = uuidOf(correlationId);
      const append = pending.get(id);
      if (append === undefined) return;
      for (const message of request.getProposedMessagesList()) {
        const [missing] = missingProperties(message);
        if (missing !== undefined) {
          throw new ServerException(
            `The given key '${missing}' was not present in the dictionary.`,
          );
        }
        const event = proposedEvent(message);
        append.size += sizeOnDisk(event);
        append.events.push(event);
      }
      if (append.size > node.maxAppendBytes) {
        take(id);
        const tooLarge = status.maximumAppendSizeExceeded(node.maxAppendBytes);
        await send(correlationId, append.stream, append.identifier, tooLarge);
        return;
      }
      if (request.getIsFinal()) complete = take(id);
    } catch (error) {
      if (!(error instanceof ServerException)) throw error;
      // The server takes the answer's stream from the options, and fails itself without them.
      if (options === undefined) throw handlerFailed();
      const refused = status.badRequest(error.message);
      await send(correlationId, stream, identifier, refused);
      return;
    }
    if (complete !== undefined) write(finish(correlationId, complete));
  };

  const writing = new Set<Promise<void>>();
  let fail = (_error: unknown): void => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // The next append is read while this one is written, as the server does.
  const write = (append: Promise<void>): void => {
    const done = append.catch(fail).finally(() => writing.delete(done));
    writing.add(done);
  };

  const receiveAll = async (): Promise<void> => {
    const caller = callerOf(node, call.metadata);
    for await (const request of requestsOf<streams.BatchAppendReq>(call)) {
      await receive(request, caller);
    }
    await Promise.all(writing);
  };

  try {
    await Promise.race([receiveAll(), failed]);
  } finally {
    for (const { timer } of pending.values()) clearTimeout(timer);
  }
};
