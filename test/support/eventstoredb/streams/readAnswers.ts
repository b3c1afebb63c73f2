import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

import { int64, type EventRecord } from '../log/eventRecord.js';
import type { ResolvedEvent } from '../log/linkTo.js';
import type { LogPosition } from '../log/readAll.js';
import { uuidMessage } from './uuid.js';

/** What reads and subscriptions send: `ResponseConverter` of Streams.Read. */
export type UuidForm = 'string' | 'structured';

/** A tick is 100 ns; there are ten thousand in a millisecond. */
const ticks = (created: number): string => `${created}0000`;

const recordedEvent = (
  record: EventRecord,
  form: UuidForm,
): streams.ReadResp.ReadEvent.RecordedEvent => {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent();
  const position = String(record.position);
  event.setId(uuidMessage(record.id, form));
  event.setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(record.stream)),
  );
  event.setStreamRevision(int64(record.revision));
  event.setCommitPosition(position);
  event.setPreparePosition(position);
  const metadata = event.getMetadataMap();
  metadata.set('type', record.type);
  metadata.set('created', ticks(record.created));
  metadata.set('content-type', record.isJson ? 'application/json' : 'application/octet-stream');
  event.setData(record.data);
  event.setCustomMetadata(record.metadata);
  return event;
};

export const eventAnswer = ({ event, link }: ResolvedEvent, form: UuidForm): streams.ReadResp => {
  const answer = new streams.ReadResp.ReadEvent();
  if (event !== undefined) answer.setEvent(recordedEvent(event, form));
  if (link !== undefined) answer.setLink(recordedEvent(link, form));
  // An event that a link led to is where the link is.
  const position = (link ?? event)?.position;
  if (position === undefined) answer.setNoPosition(new shared.Empty());
  else answer.setCommitPosition(String(position));
  return new streams.ReadResp().setEvent(answer);
};

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
