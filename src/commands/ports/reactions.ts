import type { EventTypeName } from '../../domain/eventTypes.js';
import type { RecordedEvent } from './eventStore.js';

/**
 * Follows the log from a checkpoint of its own and makes work of its events: at least once, so that what it does
 * twice must come to the same as once. A rebuild of read models never runs it.
 */
export interface Reaction {
  readonly name: string;
  /** Of what it remembers: another version begins with the first event. */
  readonly version: number;
  readonly takes: readonly EventTypeName[];
  /** Resolves when the events' work is done. A rejection brings the same events again, later. */
  react(events: readonly RecordedEvent[], signal: AbortSignal): Promise<void>;
  /** Forgets all that it remembers: the events come again from the first. */
  forget(): Promise<void>;
}

/** The right to run a reaction, of one process at a time. */
export interface ReactionLease {
  /** Aborts when another process may have it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Where reactions stand. */
export interface ReactionStore {
  /** `undefined` when another process runs the reaction. */
  tryAcquire(name: string): Promise<ReactionLease | undefined>;
  /** Where a reaction of this version stands in this log; `undefined` where it has not begun with it. */
  position(reaction: Pick<Reaction, 'name' | 'version'>, log: string): Promise<bigint | undefined>;
  moveTo(
    reaction: Pick<Reaction, 'name' | 'version'>,
    log: string,
    position: bigint,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Where reactions tell what happens to them; a pino logger is one. */
export interface ReactionLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
