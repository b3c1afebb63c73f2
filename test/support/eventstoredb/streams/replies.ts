import { once } from 'node:events';

import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';

import type { FaultPoint, FaultPoints } from '../faults.js';

/** Where a read or a subscription sends its answers. */
export interface Replies {
  /** Aborted once nobody listens any more. */
  readonly signal: AbortSignal;
  /**
   * Sends an answer. Where it answers with a promise, the client is slow: nothing else may be sent
   * before that is done, so that no more than a few answers are ever kept for anybody.
   */
  send(answer: streams.ReadResp): Promise<void> | undefined;
}

export const repliesTo = (
  call: ServerWritableStream<streams.ReadReq, streams.ReadResp>,
  faults: FaultPoints,
  point: FaultPoint,
): Replies => {
  const ended = new AbortController();
  call.once('cancelled', () => {
    ended.abort();
  });

  const write = (answer: streams.ReadResp): Promise<void> | undefined => {
    ended.signal.throwIfAborted();
    if (call.write(answer)) return undefined;
    return once(call, 'drain', { signal: ended.signal }).then(() => undefined);
  };

  return {
    signal: ended.signal,
    send: (answer) => {
      const reached = faults.reached('answer', point);
      return reached === undefined ? write(answer) : reached.then(() => write(answer));
    },
  };
};
