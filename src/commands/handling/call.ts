import { derivedId } from '../../domain/streams.js';
import type { Instant } from '../../domain/schemas.js';
import { SYSTEM, type CommandRequest } from '../command.js';

/** How a command and what it makes are named. */
export interface CommandIds {
  /** Identifies this command; the same for every attempt under one idempotency key. */
  readonly commandId: string;
  /** The id of the n-th event of an append to a stream. */
  readonly eventId: (stream: string, index: number) => string;
  /** An id for what the command makes. */
  readonly newId: (what: string) => string;
}

/** One command on its way: who, when, and the ids of what it makes. */
export interface CommandCall extends Pick<CommandRequest, 'actor'>, CommandIds {
  readonly now: Instant;
  readonly precondition: CommandRequest['precondition'];
  readonly traceparent: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** It has an idempotency key: an earlier attempt, or another process, may have done it already. */
  readonly keyed: boolean;
  readonly correlationId: string;
  readonly causationId: string;
}

/**
 * Ids that a retry makes again, for as long as the log is there: they follow from the person, their key, what the
 * command is and the stream. Another command under the same key has others, so that it is never taken for the first.
 */
export const idsUnderKey = (userId: string, key: string, fingerprint: string): CommandIds => {
  const commandId = derivedId(`keyed:${userId}:${fingerprint}:${key}`);
  return {
    commandId,
    eventId: (stream, index) => derivedId(`${commandId}:${stream}:${index}`),
    newId: (what) => derivedId(`${commandId}:${what}`),
  };
};

/** The ids of commands that were begun when they followed from the person and the key alone. */
export const idsUnderKeyAlone = (userId: string, key: string): CommandIds => {
  const commandId = derivedId(`command:${userId}:${key}`);
  return {
    commandId,
    eventId: (_, index) => derivedId(`${commandId}:event:${index}`),
    newId: (what) => derivedId(`${commandId}:${what}`),
  };
};

export const randomIds = (randomId: () => string): CommandIds => ({
  commandId: randomId(),
  eventId: () => randomId(),
  newId: () => randomId(),
});

/** Names every field: to add others behind a spread takes V8 a microsecond for each. */
export const callOf = (request: CommandRequest, now: Instant, ids: CommandIds): CommandCall => ({
  commandId: ids.commandId,
  eventId: ids.eventId,
  newId: ids.newId,
  actor: request.actor,
  now,
  keyed: request.idempotencyKey !== undefined,
  correlationId: request.correlationId ?? ids.commandId,
  causationId: request.causationId ?? ids.commandId,
  precondition: request.precondition,
  traceparent: request.traceparent,
  signal: request.signal,
});

/** A command that Reellog gives by itself. */
export const ownCall = (now: Instant, ids: CommandIds, signal: AbortSignal): CommandCall => ({
  ...ids,
  actor: SYSTEM,
  now,
  keyed: false,
  correlationId: ids.commandId,
  causationId: ids.commandId,
  precondition: undefined,
  traceparent: undefined,
  signal,
});
