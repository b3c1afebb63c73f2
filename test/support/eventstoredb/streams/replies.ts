import { once } from 'node:events';

import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';

import type { FaultPoint, FaultPoints } from '../faults/faults.js';

type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

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

interface Waiting {
  readonly chunk: streams.ReadResp;
  readonly encoding: BufferEncoding;
}

/**
 * Hands answers that wait to HTTP/2 all at once. By itself grpc-js hands it the next one only when
 * it is done with the last, a turn of the event loop later.
 */
const sendTogether = (call: ReadCall): void => {
  call._writev = (waiting: readonly Waiting[], callback) => {
    let left = waiting.length;
    const done = (error?: Error | null): void => {
      if (error || --left === 0) callback(error);
    };
    for (const { chunk, encoding } of waiting) call._write(chunk, encoding, done);
  };
};

export const repliesTo = (call: ReadCall, faults: FaultPoints, point: FaultPoint): Replies => {
  const ended = new AbortController();
  sendTogether(call);
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
