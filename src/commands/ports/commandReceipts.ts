import type { CommandOutcome } from '../command.js';

/** What is known of an idempotency key. */
export type Claim =
  /** Never seen: it is this command's now. */
  | { readonly status: 'new' }
  /** Somebody runs it, or died running it. */
  | { readonly status: 'pending'; readonly fingerprint: string }
  | { readonly status: 'done'; readonly fingerprint: string; readonly outcome: CommandOutcome };

/** Remembers the answers to commands with an idempotency key, for at least 30 days (SEMANTICS D1.7). */
export interface CommandReceipts {
  /** Takes the key for a command, or tells what is known of it. */
  claim(userId: string, key: string, fingerprint: string): Promise<Claim>;
  settle(userId: string, key: string, outcome: CommandOutcome): Promise<void>;
  /** The command was refused: the key may be used again. */
  release(userId: string, key: string): Promise<void>;
}
