import { Metadata, status } from '@grpc/grpc-js';

import { StatusError } from '../faults/faults.js';
import { int64 } from '../log/eventRecord.js';

/** What the server ends calls with, status, words and trailers: `RpcExceptions`, `Constants`. */
const rpcError = (
  code: status,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
): StatusError => {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return new StatusError({ code, details, metadata });
};

export const unauthenticated = (): StatusError =>
  rpcError(status.UNAUTHENTICATED, 'Unauthenticated');

export const accessDenied = (): StatusError =>
  rpcError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const streamDeleted = (stream: string): StatusError =>
  rpcError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongExpectedVersion = (
  operation: string,
  stream: string,
  expected: number,
  actual: number,
): StatusError =>
  rpcError(
    status.FAILED_PRECONDITION,
    `${operation} failed due to WrongExpectedVersion. Stream: ${stream}, ` +
      `Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': int64(expected),
      'actual-version': int64(actual),
    },
  );

export const maxAppendSizeExceeded = (maxAppendBytes: number): StatusError =>
  rpcError(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendBytes} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(maxAppendBytes),
  });

export const requiredMetadataPropertyMissing = (property: string): StatusError =>
  rpcError(status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const notLeader = (leader: {
  readonly address: string;
  readonly port: number;
}): StatusError =>
  rpcError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': leader.address,
    'leader-endpoint-port': String(leader.port),
  });

export const serverNotReady = (): StatusError =>
  rpcError(status.UNAVAILABLE, 'Server Is Not Ready');

export const timedOut = (message: string): StatusError =>
  rpcError(status.ABORTED, `Operation timed out: ${message}`);

export const invalidArgument = (details: string): StatusError =>
  rpcError(status.INVALID_ARGUMENT, details);

export const unknownError = (details: string): StatusError => rpcError(status.UNKNOWN, details);

/**
 * An exception that the server's own code throws at such a request. A batch append answers with its
 * words; elsewhere it is what ASP.NET makes of any exception of a handler.
 */
export class ServerException extends Error {}

/** What ASP.NET makes of any other exception of a handler. */
export const handlerFailed = (): StatusError => unknownError('Exception was thrown by handler.');
