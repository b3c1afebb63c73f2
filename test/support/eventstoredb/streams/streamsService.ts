import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { sendUnaryData, ServerWritableStream } from '@grpc/grpc-js';

import type { NodeContext } from '../node/node.js';
import { append } from './writes/append.js';
import { batchAppend } from './writes/batchAppend.js';
import { callerOf, demandAccess, demandLeader, statusOf } from './calls.js';
import { softDelete, tombstone } from './writes/deleteStream.js';
import { readRequestOf } from './reads/readRequest.js';
import { readAll, readStream } from './reads/reads.js';
import { repliesTo } from './replies.js';
import { subscribeToAll } from './subscriptions/subscribeToAll.js';
import { subscribeToStream } from './subscriptions/subscribeToStream.js';

type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/** A call, whose caller may have gone; whoever has is told nothing. */
interface ServerCall {
  readonly cancelled: boolean;
}

interface StreamingCall extends ServerCall {
  end(): void;
  emit(event: 'error', error: Error): boolean;
}

const read = async (node: NodeContext, call: ReadCall): Promise<void> => {
  const request = readRequestOf(call.request.getOptions());
  const { stream } = request;
  const point = { method: 'Read', stream };
  const replies = repliesTo(call, node.faults, point);
  const reached = node.faults.reached('request', point);
  if (reached !== undefined) await reached;
  const caller = callerOf(node, call.metadata);
  const access = (): void => {
    demandAccess(node, caller, 'read', stream);
  };
  const leader = (): void => {
    demandLeader(node, call.metadata);
  };
  access();
  const waiting = node.pacing.begin();
  if (waiting !== undefined) await waiting;
  if (request.count === 'subscription') {
    if (request.of === 'all') await subscribeToAll(node, request, replies, access, leader);
    else await subscribeToStream(node, request, replies, access, leader);
    return;
  }
  leader();
  const { count } = request;
  if (request.of === 'all') await readAll(node, { ...request, count }, replies);
  else await readStream(node, { ...request, count }, replies);
};

/** The Streams service of a node. */
export const streamsService = (node: NodeContext): IStreamsServer => {
  const answer = <Response>(
    call: ServerCall,
    response: Promise<Response>,
    callback: sendUnaryData<Response>,
  ): void => {
    response.then(
      (value) => {
        callback(null, value);
      },
      (error: unknown) => {
        if (!call.cancelled) callback(statusOf(error));
      },
    );
  };

  const finish = (call: StreamingCall, done: Promise<void>): void => {
    done.then(
      () => {
        call.end();
      },
      (error: unknown) => {
        if (!call.cancelled) call.emit('error', statusOf(error));
      },
    );
  };

  return {
    read: (call) => {
      finish(call, read(node, call));
    },
    append: (call, callback) => {
      answer(call, append(node, call), callback);
    },
    batchAppend: (call) => {
      finish(call, batchAppend(node, call));
    },
    delete: (call, callback) => {
      answer(call, softDelete(node, call.metadata, call.request), callback);
    },
    tombstone: (call, callback) => {
      answer(call, tombstone(node, call.metadata, call.request), callback);
    },
  };
};
