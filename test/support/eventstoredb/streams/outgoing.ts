import type streams from '@eventstore/db-client/generated/streams_pb.js';

import type { Replies } from './replies.js';

/** What is on its way to whoever subscribed, which is sent as fast as it is taken. */
export interface Outgoing {
  /** Sends an answer after those before it; waits while there is no room for more. */
  put(answer: streams.ReadResp): Promise<void> | undefined;
  /** Sends an answer, unless so many wait already. @returns whether it does */
  offer(answer: streams.ReadResp, most: number): boolean;
  /** Ends the subscription, once what waits was sent. */
  readonly fail: (error: unknown) => void;
  /** Rejects when the subscription is over. */
  readonly over: Promise<never>;
}

/** `Enumerators.MaxLiveEventBufferCount`: of what is on its way, and again of live events behind it. */
export const bufferSize = 32;

export const createOutgoing = (replies: Replies): Outgoing => {
  const waiting: streams.ReadResp[] = [];
  let isSending = false;
  let failure: { readonly error: unknown } | undefined;
  let goOn: () => void = () => undefined;
  let end: (error: unknown) => void = () => undefined;
  const over = new Promise<never>((_resolve, reject) => {
    end = reject;
  });
  over.catch(() => undefined);

  const breakOff = (error: unknown): void => {
    failure ??= { error };
    waiting.length = 0;
    end(failure.error);
    goOn();
  };

  const sendWaiting = (): void => {
    try {
      while (!isSending) {
        const answer = waiting.shift();
        if (answer === undefined) break;
        const taken = replies.send(answer);
        if (taken === undefined) continue;
        isSending = true;
        taken.then(() => {
          isSending = false;
          sendWaiting();
        }, breakOff);
      }
    } catch (error) {
      breakOff(error);
    }
    if (failure !== undefined && !isSending && waiting.length === 0) end(failure.error);
    if (waiting.length < bufferSize) goOn();
  };

  replies.signal.addEventListener('abort', () => {
    breakOff(replies.signal.reason);
  });

  return {
    put: (answer) => {
      if (failure !== undefined) return over;
      waiting.push(answer);
      sendWaiting();
      if (waiting.length < bufferSize) return undefined;
      return new Promise((resolve) => {
        goOn = resolve;
      });
    },
    offer: (answer, most) => {
      if (failure !== undefined) return true;
      if (waiting.length >= most) return false;
      waiting.push(answer);
      sendWaiting();
      return true;
    },
    fail: (error) => {
      failure ??= { error };
      sendWaiting();
    },
    over,
  };
};
