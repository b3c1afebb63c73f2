import type { Metadata, ServerDuplexStream, ServerReadableStream } from '@grpc/grpc-js';

import type { Caller, StreamAction } from '../node/access.js';
import { StatusError } from '../faults/faults.js';
import type { NodeContext } from '../node/node.js';
import {
  accessDenied,
  handlerFailed,
  notLeader,
  ServerException,
  unauthenticated,
} from './rpcErrors.js';

type ServerReadable<Request> =
  ServerReadableStream<Request, unknown> | ServerDuplexStream<Request, unknown>;

/** Who calls; ends the call of somebody whose credentials are wrong. */
export const callerOf = ({ access }: NodeContext, metadata: Metadata): Caller => {
  const caller = access.callerOf(metadata);
  if (caller === undefined) throw unauthenticated();
  return caller;
};

export const demandAccess = (
  { access }: NodeContext,
  caller: Caller,
  action: StreamAction,
  stream: string,
): void => {
  if (!access.allows(caller, action, stream)) throw accessDenied();
};

/** Whether the client wants the leader and nobody else: `ServiceBase.GetRequiresLeader`. */
export const requiresLeader = (metadata: Metadata): boolean =>
  metadata.get('requires-leader')[0]?.toString().trim().toLowerCase() === 'true';

/** Sends a client on that wants the leader; a follower passes the writes of others on. */
export const demandLeader = (node: NodeContext, metadata: Metadata): void => {
  const leader = requiresLeader(metadata) ? node.leaderElsewhere() : undefined;
  if (leader !== undefined) throw notLeader(leader);
};

/** What a call ends with after this was thrown. */
export const statusOf = (error: unknown): StatusError => {
  if (error instanceof StatusError) return error;
  if (error instanceof ServerException) return handlerFailed();
  // A fault of the double's own must not look like the server's.
  console.error('EventStoreDB double: a handler failed', error);
  return handlerFailed();
};

/** A call's requests one by one; the call stays open when reading them ends early with an error. */
export const requestsOf = <Request>(call: ServerReadable<Request>): AsyncIterable<Request> => ({
  [Symbol.asyncIterator]: () => call.iterator({ destroyOnReturn: false }),
});
