import shared from '@eventstore/db-client/generated/shared_pb.js';
import type statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';

import * as status from './batchStatus.js';
import type { PendingAppend } from './pendingAppends.js';
import type { AnsweredWrite } from './writes.js';

type Success = streams.BatchAppendResp.Success;

/** `BatchAppendResp.Types.Success.Completed`. */
const successOf = (revision: number, position: number | undefined): Success => {
  const success = new streams.BatchAppendResp.Success();
  if (revision < 0) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) return success.setNoPosition(new empty.Empty());
  const both = new shared.AllStreamPosition();
  both.setCommitPosition(String(position));
  both.setPreparePosition(String(position));
  return success.setPosition(both);
};

/** What became of an append. */
export const resultOf = (
  outcome: AnsweredWrite,
  { identifier, expectedVersion }: PendingAppend,
): statuses.Status | Success => {
  switch (outcome.kind) {
    case 'written':
      return successOf(outcome.revision, outcome.position);
    case 'streamDeleted':
      return status.streamDeleted(identifier);
    case 'wrongExpectedVersion':
      return status.wrongExpectedVersion(expectedVersion, outcome.current);
    case 'timedOut':
      return status.timeout();
    case 'notReady':
      return status.serverNotReady();
  }
};

/** The answer to an append, which any number of others may come before. */
export const batchAnswer = (
  correlationId: shared.UUID | undefined,
  identifier: shared.StreamIdentifier | undefined,
  result: statuses.Status | Success,
): streams.BatchAppendResp => {
  const answer = new streams.BatchAppendResp();
  answer.setCorrelationId(correlationId);
  answer.setStreamIdentifier(identifier);
  return result instanceof streams.BatchAppendResp.Success
    ? answer.setSuccess(result)
    : answer.setError(result);
};
