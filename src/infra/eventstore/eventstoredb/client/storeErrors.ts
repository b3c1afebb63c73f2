import type { ErrorType } from '@eventstore/db-client';
import { EventStoreError, type ExpectedRevision } from '../../../../commands/ports/eventStore.js';
import { failure } from '../../failure.js';

/** https://grpc.io/docs/guides/status-codes/ */
const CANCELLED = 1;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** The server had something against what it was asked: it could be reached. */
const refusedOf = (code: unknown): boolean =>
  code !== undefined && code !== UNAVAILABLE && code !== CANCELLED;

/** The client's own words, without the client: every command knows these errors, and few have it loaded. */
const types = {
  NOT_LEADER: 'not-leader',
  TIMEOUT: 'timeout',
  DEADLINE_EXCEEDED: 'deadline-exceeded',
  STREAM_NOT_FOUND: 'stream-not-found',
  STREAM_DELETED: 'stream-deleted',
  ACCESS_DENIED: 'access-denied',
  WRONG_EXPECTED_VERSION: 'wrong-expected-version',
  MAXIMUM_APPEND_SIZE_EXCEEDED: 'maximum-append-size-exceeded',
} as const satisfies {
  readonly [Name in keyof typeof ErrorType]?: `${(typeof ErrorType)[Name]}`;
};

/** What a call was about, for the failure to say. */
export interface Attempted {
  readonly stream?: string;
  readonly expected?: ExpectedRevision;
}

const has = <Name extends string>(
  error: unknown,
  name: Name,
): error is Error & Record<Name, unknown> => error instanceof Error && name in error;

const typeOf = (error: unknown): unknown => (has(error, 'type') ? error.type : undefined);
const codeOf = (error: unknown): unknown => (has(error, 'code') ? error.code : undefined);

/** The server that was asked is not the leader; the client's next call goes to the one that is. */
export const isNotLeader = (error: unknown): boolean => typeOf(error) === types.NOT_LEADER;

/** The server did not see the write replicated in time, or has dropped it as one that waits to be. */
export const isServerTimeout = (error: unknown): boolean =>
  typeOf(error) === types.TIMEOUT || typeOf(error) === types.DEADLINE_EXCEEDED;

export const isStreamNotFound = (error: unknown): boolean =>
  typeOf(error) === types.STREAM_NOT_FOUND;

export const isAccessDenied = (error: unknown): boolean =>
  typeOf(error) === types.ACCESS_DENIED || codeOf(error) === PERMISSION_DENIED;

/** The client has no connection to the server, and tells next to nothing of why. */
export const isWithoutConnection = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('No connection established');

/** The client has found no node of a cluster to connect to, for whatever reason. */
export const isWithoutLeader = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Failed to discover');

const deniedBecause = (error: unknown, { stream = '$all', expected }: Attempted): string =>
  codeOf(error) === UNAUTHENTICATED
    ? 'EventStoreDB refuses the user or the password in its address. Correct them there, percent-encoded; the user ' +
      'must be there and enabled.'
    : `EventStoreDB does not let the user in its address ${expected === undefined ? 'read' : 'write to'} ${stream}. ` +
      `An administrator gives that right in the metadata of ${stream}, or in $settings.`;

/**
 * What an error of the client means to a caller of the log. The client's error types are told by their `type`
 * (`dist/utils/CommandError.js`); what it does not know keeps the gRPC status.
 */
export const asEventStoreError = (error: unknown, attempted: Attempted = {}): EventStoreError => {
  if (error instanceof EventStoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  const { stream = '', expected = 'any' } = attempted;
  if (isAccessDenied(error)) {
    return failure({ kind: 'access-denied' }, deniedBecause(error, attempted), options);
  }
  switch (typeOf(error)) {
    case types.WRONG_EXPECTED_VERSION: {
      const actual = has(error, 'actualVersion') ? error.actualVersion : undefined;
      const there = typeof actual === 'bigint' ? { actual } : {};
      const at = typeof actual === 'bigint' ? `revision ${actual}` : 'no revision';
      return failure(
        { kind: 'wrong-expected-revision', stream, expected, ...there },
        `${stream} is at ${at}, not at ${expected}`,
        options,
      );
    }
    case types.STREAM_DELETED:
      return failure({ kind: 'stream-deleted', stream }, `${stream} was deleted`, options);
    case types.TIMEOUT:
    case types.DEADLINE_EXCEEDED:
      return failure({ kind: 'timeout' }, message, options);
    case types.MAXIMUM_APPEND_SIZE_EXCEEDED: {
      const limit = has(error, 'maxAppendSize') ? Number(error.maxAppendSize) : 0;
      return failure(
        { kind: 'too-large', limitBytes: limit },
        `EventStoreDB takes ${limit} bytes in one append`,
        options,
      );
    }
    default:
      return failure(
        { kind: 'unavailable' },
        `EventStoreDB ${refusedOf(codeOf(error)) ? 'refuses' : 'cannot be reached'}: ${message}`,
        options,
      );
  }
};

/** The server dropped a live subscription at a burst: `Consumer too slow to handle event while live`. */
export const isTooSlow = (error: unknown): boolean =>
  error instanceof Error && /too slow/i.test(error.message);
