import type streams from '@eventstore/db-client/generated/streams_pb.js';

import type { EventLogDouble } from '../../log/eventLog.js';
import type { EventRecord } from '../../log/eventRecord.js';
import { bufferSize, type Outgoing } from '../outgoing.js';
import { caughtUp } from '../reads/readAnswers.js';
import { timedOut } from '../rpcErrors.js';

/** What a subscription sends once it has caught up. */
export interface Live {
  /** What was committed since the last page was read. */
  missed(): Iterable<streams.ReadResp>;
  /** What is said of an event as it is committed. */
  appeared(record: EventRecord): Iterable<streams.ReadResp>;
}

/**
 * Goes on with what is committed. No event waits for a slow client: where there is no room for one
 * more, the subscription ends, and the client is told to subscribe again (`ConsumerTooSlow`).
 * @returns ends that
 */
export const goLive = (log: EventLogDouble, outgoing: Outgoing, live: Live): (() => void) => {
  const drop = (state: 'live' | 'transitioning to live'): void => {
    stop();
    const reason = `Consumer too slow to handle event while ${state}.`;
    outgoing.fail(timedOut(`${reason} Client resubscription required.`));
  };
  const sendAll = (answers: Iterable<streams.ReadResp>, room: number): boolean => {
    for (const answer of answers) if (!outgoing.offer(answer, room)) return false;
    return true;
  };
  const stop = log.onCommitted((record) => {
    if (!sendAll(live.appeared(record), 2 * bufferSize)) drop('live');
  });
  if (sendAll(live.missed(), bufferSize)) void outgoing.put(caughtUp());
  else drop('transitioning to live');
  return stop;
};
