import type { RecordedEvent } from '../../commands/ports/eventStore.js';

/** Streams of the log: those with these names and those whose names begin so. */
export interface StreamsOfLog {
  readonly names?: readonly string[];
  readonly prefixes?: readonly string[];
}

/** What is wanted of the past of some streams. */
export interface PastOfStreams extends StreamsOfLog {
  /** Only these types. */
  readonly types: readonly string[];
  /** The last position that counts. */
  readonly upTo: bigint;
  /** Events that are left out, by id: such as nobody could read or project. */
  readonly without?: { has(id: string): boolean };
  /** Default: for ever. */
  readonly signal?: AbortSignal;
}

/** Reads what happened in some streams, without the rest of the log where it can be told apart from it. */
export interface PastEvents {
  /**
   * The events in the order of the log, in pages of some thousands, of which none is empty.
   * @throws {EventStoreError}
   */
  of(past: PastOfStreams): AsyncIterable<readonly RecordedEvent[]>;
}
