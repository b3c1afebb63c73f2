import type {
  EventStore,
  LogPage,
  ReadAllOptions,
  RecordedEvent,
} from '../../../commands/ports/eventStore.js';

/** A log as copying reads it: forwards, from end to end. */
export interface CopiedLog extends Pick<EventStore, 'identify'> {
  readAll(options?: Pick<ReadAllOptions, 'after' | 'maxCount' | 'signal'>): Promise<LogPage>;
}

/** A log that takes the events of another as they are there. */
export interface CopyTarget {
  readonly log: CopiedLog;
  /**
   * Writes the next events of the copy, in their order, with their revisions, ids and times.
   * @param after the position of the last event that the log has
   * @returns the position of the last one written
   * @throws {CopyRefused} the log has gone on without the copy, or an event is not the next of its stream
   */
  write(
    events: readonly RecordedEvent[],
    after: bigint,
    options: { readonly signal: AbortSignal },
  ): Promise<bigint>;
}

/** Nothing is copied to this log, or nothing more; the message says why, and what to do. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}
