import codes, { type Code } from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';

import { expected } from '../../log/commits/commitCheck.js';

/** How a batch append says what went wrong: `Google.Rpc.Status`, `WrongExpectedVersion.Create`. */
const statusOf = (
  code: Code,
  message: string,
  details: { serializeBinary(): Uint8Array },
  typeName = `event_store.client.${message}`,
): statuses.Status => {
  const packed = new any.Any();
  packed.pack(details.serializeBinary(), typeName);
  return new statuses.Status().setCode(code).setMessage(message).setDetails(packed);
};

export const wrongExpectedVersion = (expectedVersion: number, current: number): statuses.Status => {
  const details = new shared.WrongExpectedVersion();
  if (current < 0) details.setCurrentNoStream(new empty.Empty());
  else details.setCurrentStreamRevision(String(current));
  if (expectedVersion === expected.any) details.setExpectedAny(new empty.Empty());
  else if (expectedVersion === expected.noStream) details.setExpectedNoStream(new empty.Empty());
  else if (expectedVersion === expected.streamExists) {
    details.setExpectedStreamExists(new empty.Empty());
  } else details.setExpectedStreamPosition(String(expectedVersion));
  return statusOf(codes.Code.ALREADY_EXISTS, 'WrongExpectedVersion', details);
};

export const streamDeleted = (identifier: shared.StreamIdentifier | undefined): statuses.Status =>
  statusOf(
    codes.Code.NOT_FOUND,
    'StreamDeleted',
    new shared.StreamDeleted().setStreamIdentifier(identifier),
  );

export const accessDenied = (): statuses.Status =>
  statusOf(codes.Code.PERMISSION_DENIED, 'AccessDenied', new shared.AccessDenied());

export const timeout = (): statuses.Status =>
  statusOf(codes.Code.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());

export const maximumAppendSizeExceeded = (maxAppendBytes: number): statuses.Status =>
  statusOf(
    codes.Code.INVALID_ARGUMENT,
    'MaximumAppendSizeExceeded',
    new shared.MaximumAppendSizeExceeded().setMaxappendsize(maxAppendBytes),
  );

export const badRequest = (message: string): statuses.Status =>
  statusOf(codes.Code.INVALID_ARGUMENT, 'BadRequest', new shared.BadRequest().setMessage(message));

/** `Streams.BatchAppend` gives it no code: what clients make of it is an unknown error. */
export const serverNotReady = (): statuses.Status =>
  statusOf(codes.Code.OK, 'Server Is Not Ready', new empty.Empty(), 'google.protobuf.Empty');
