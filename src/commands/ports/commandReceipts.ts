import type { CommandOutcome } from '../command.js';

/** A request under an idempotency key of a person. */
export interface KeyedRequest {
  readonly userId: string;
  readonly key: string;
  /** What is asked for: equal for equal names and data. */
  readonly fingerprint: string;
}

/** What is known of an idempotency key. */
export type Claim =
  /** Not known, or forgotten: it is this command's now. */
  | { readonly status: 'new' }
  /** Of another command. */
  | { readonly status: 'taken' }
  /** Somebody runs it, or died running it. */
  | {
      readonly status: 'pending';
      /** It was begun when the ids of its events followed from the key alone. */
      readonly idsByKeyAlone: boolean;
    }
  | { readonly status: 'done'; readonly outcome: CommandOutcome };

/** Remembers the answers to commands with an idempotency key, for at least 30 days (SEMANTICS D1.7). */
export interface CommandReceipts {
  /** Takes the key for a command, or tells what is known of it. */
  claim(command: KeyedRequest): Promise<Claim>;
  /** @returns the outcome that stands: that of whoever came first, where several were at it */
  settle(command: KeyedRequest, outcome: CommandOutcome): Promise<CommandOutcome>;
  /** The command was refused: the key may be used again. */
  release(command: KeyedRequest): Promise<void>;
}
