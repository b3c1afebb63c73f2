import type { CommandData, CommandName } from '../domain/commandTypes.js';

export type { CommandData, CommandName };
import type { Rejection } from '../domain/rejection.js';

/** Who acts. */
export interface Actor {
  readonly userId: string;
  readonly role: 'owner' | 'admin' | 'member';
}

/** Reellog itself, in what it does by itself: events that come of it name no actor. */
export const SYSTEM: Actor = { userId: '00000000-0000-0000-0000-000000000000', role: 'owner' };

/** One command as the edge hands it over. */
export interface CommandRequest<Name extends CommandName = CommandName> {
  readonly name: Name;
  /** Checked against the command's schema here, whoever calls: HTTP, CLI or an import. */
  readonly data: CommandData<Name>;
  readonly actor: Actor;
  /** The same key with the same data gives the first answer; with other data `idempotency-key-reused`. */
  readonly idempotencyKey?: string;
  /**
   * Whether the stream may be at this revision (RFC 9110 §13.1), or `revision-mismatch`; `undefined` is that of a
   * stream without events.
   */
  readonly precondition?: (revision: bigint | undefined) => boolean;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  /** Aborted, the command is waited for no longer. It may be done all the same: the same key finds out. */
  readonly signal?: AbortSignal;
}

/** What a command led to. */
export interface CommandOutcome {
  readonly stream: string;
  /** The stream's last revision now: the `ETag`. Absent only for a stream that still has no events. */
  readonly revision?: bigint;
  /** Where to wait for with `Reellog-After`; absent when nothing was appended, now or the first time. */
  readonly position?: bigint;
  /** How many events this command appended; 0 is success without a change. */
  readonly appended: number;
  /** The id of what the command was about or made: a film, a play, an account, a library. */
  readonly id: string;
  /** It was there neither before nor already by this idempotency key: 201 rather than 200. */
  readonly created: boolean;
}

/** Runs any command. @throws {CommandRejected} and, from the log, {EventStoreError} */
export type ExecuteCommand = <Name extends CommandName>(
  request: CommandRequest<Name>,
) => Promise<CommandOutcome>;

/** Why a command did not happen. */
export type CommandFailure =
  | Rejection
  | {
      /** The data do not fit the command's schema: 400 (malformed) with one entry per field. */
      readonly kind: 'malformed';
      readonly code: 'malformed';
      readonly message: string;
      readonly errors: readonly { readonly field: string; readonly message: string }[];
    }
  | { readonly kind: 'forbidden'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'revision-mismatch';
      readonly code: 'revision-mismatch';
      readonly message: string;
      readonly actual?: bigint;
    }
  | {
      readonly kind: 'idempotency-key-reused';
      readonly code: 'idempotency-key-reused';
      readonly message: string;
    }
  | {
      /** Lost the race too often: 503 with Retry-After. */
      readonly kind: 'contended';
      readonly code: 'contended';
      readonly message: string;
    };

/** Carries a typed failure. */
export class CommandRejected extends Error {
  override readonly name = 'CommandRejected';
  constructor(
    readonly failure: CommandFailure,
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
  }
}
