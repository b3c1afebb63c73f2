import { derivedId } from '../domain/streams.js';
import type { Instant } from '../domain/schemas.js';
import type { CommandRequest } from './command.js';

/** One command on its way: who, when, and the ids of what it makes. */
export interface CommandCall extends Pick<
  CommandRequest,
  'actor' | 'expectedRevision' | 'traceparent' | 'signal'
> {
  readonly now: Instant;
  /** An earlier attempt under the same idempotency key may have appended already. */
  readonly resumes: boolean;
  /** It has an idempotency key: somebody else may be at it as well. */
  readonly keyed: boolean;
  /** Identifies this command; the same for every attempt under one idempotency key. */
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string;
  /** The id of the n-th event; fixed when the command has an idempotency key, so that a retry is one append. */
  readonly eventId: (index: number) => string;
  /** An id for what the command makes; fixed as event ids are. */
  readonly newId: (what: string) => string;
}

/** The id of the command that an idempotency key of a person stands for. */
const commandIdOf = (userId: string, idempotencyKey: string): string =>
  derivedId(`command:${userId}:${idempotencyKey}`);

/** What names a command when the client did not: an `Idempotency-Key` makes ids that can be made again. */
export const callOf = (
  request: CommandRequest,
  now: Instant,
  randomId: () => string,
  resumes = false,
): CommandCall => {
  const { actor, idempotencyKey } = request;
  const keyed = idempotencyKey !== undefined;
  const commandId = keyed ? commandIdOf(actor.userId, idempotencyKey) : randomId();
  return {
    actor,
    now,
    resumes,
    keyed,
    commandId,
    correlationId: request.correlationId ?? commandId,
    causationId: request.causationId ?? commandId,
    eventId: (index) => (keyed ? derivedId(`${commandId}:event:${index}`) : randomId()),
    newId: (what) => (keyed ? derivedId(`${commandId}:${what}`) : randomId()),
    ...(request.expectedRevision === undefined
      ? {}
      : { expectedRevision: request.expectedRevision }),
    ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
};
