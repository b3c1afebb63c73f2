import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

import { int64 } from '../../log/eventRecord.js';
import type { LogPosition } from '../../log/readAll.js';

/** What reads and subscriptions send besides events: `ResponseConverter` of Streams.Read. */
export const confirmation = (subscriptionId: string): streams.ReadResp =>
  new streams.ReadResp().setConfirmation(
    new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId),
  );

export const caughtUp = (): streams.ReadResp =>
  new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());

export const checkpoint = ({ commit, prepare }: LogPosition): streams.ReadResp => {
  const position = new streams.ReadResp.Checkpoint();
  position.setCommitPosition(String(commit));
  position.setPreparePosition(String(prepare));
  return new streams.ReadResp().setCheckpoint(position);
};

export const streamNotFound = (stream: string): streams.ReadResp =>
  new streams.ReadResp().setStreamNotFound(
    new streams.ReadResp.StreamNotFound().setStreamIdentifier(
      new shared.StreamIdentifier().setStreamName(Buffer.from(stream)),
    ),
  );

export const firstStreamPosition = (revision: number): streams.ReadResp =>
  new streams.ReadResp().setFirstStreamPosition(int64(revision));

export const lastStreamPosition = (revision: number): streams.ReadResp =>
  new streams.ReadResp().setLastStreamPosition(int64(revision));
